package io.kumarun.sidecar;

import io.kumarun.telemetry.AccessLog;
import io.kumarun.telemetry.ProxyMetrics;

/** Until the data path and the client of the control plane are there. */
final class NoParts implements SidecarParts {
  @Override
  public TrafficPath trafficPath(
      Settings settings, Transport transport, ProxyMetrics metrics, AccessLog accessLog) {
    throw new StartupException("this build has no data path yet");
  }

  @Override
  public MeshSession meshSession(
      Settings settings, Transport transport, MeshSession.Receiver receiver) {
    throw new StartupException("this build cannot talk to a control plane yet");
  }
}
