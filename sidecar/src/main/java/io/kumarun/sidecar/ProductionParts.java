package io.kumarun.sidecar;

import io.kumarun.sidecar.settings.Settings;
import io.kumarun.telemetry.AccessLog;
import io.kumarun.telemetry.ProxyMetrics;

/** The real ones. */
final class ProductionParts implements SidecarParts {

  @Override
  public TrafficPath trafficPath(
      Settings settings, Transport transport, ProxyMetrics metrics, AccessLog accessLog) {
    return new DataPlanePath(settings, transport, metrics, accessLog);
  }

  @Override
  public MeshSession meshSession(
      Settings settings, Transport transport, ProxyMetrics metrics, MeshSession.Receiver receiver) {
    return new KumaSession(settings, transport, metrics, receiver);
  }
}
