package io.kumarun.proxy;

import io.kumarun.telemetry.AccessLog;
import io.kumarun.telemetry.LoggedRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what was logged, as short lines. */
final class LogCapture implements AccessLog {
  private final List<String> lines = new CopyOnWriteArrayList<>();

  @Override
  public void log(LoggedRequest request) {
    lines.add(
        request.protocol()
            + " "
            + request.responseCode()
            + " "
            + request.responseFlags()
            + " "
            + request.responseCodeDetails()
            + " in "
            + request.bytesReceived()
            + " out "
            + request.bytesSent());
  }

  List<String> lines() {
    return List.copyOf(lines);
  }
}
