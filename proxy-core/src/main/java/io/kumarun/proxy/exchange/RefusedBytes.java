package io.kumarun.proxy.exchange;

import io.kumarun.telemetry.LoggedRequest;
import io.kumarun.telemetry.ResponseFlag;
import java.util.Set;

/** What is logged of bytes that were no request. */
record RefusedBytes(long startTimeEpochMillis, int responseCode, String details)
    implements LoggedRequest {

  @Override
  public long durationMillis() {
    return 0;
  }

  @Override
  public Set<ResponseFlag> responseFlags() {
    return Set.of(ResponseFlag.DPE);
  }

  @Override
  public String responseCodeDetails() {
    return details;
  }

  @Override
  public long bytesReceived() {
    return 0;
  }

  @Override
  public long bytesSent() {
    return 0;
  }
}
