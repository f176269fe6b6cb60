package io.kumarun.telemetry;

/** Takes a line per finished request. Any event loop; must not block. */
public interface AccessLog {

  void log(LoggedRequest request);

  /** Drops everything. */
  AccessLog NONE = request -> {};
}
