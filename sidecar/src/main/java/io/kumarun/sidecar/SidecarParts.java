package io.kumarun.sidecar;

import io.kumarun.sidecar.settings.Settings;
import io.kumarun.telemetry.AccessLog;
import io.kumarun.telemetry.ProxyMetrics;

/** Makes the large parts of a sidecar, so that a test can put others in their place. */
interface SidecarParts {

  TrafficPath trafficPath(
      Settings settings, Transport transport, ProxyMetrics metrics, AccessLog accessLog);

  MeshSession meshSession(
      Settings settings, Transport transport, ProxyMetrics metrics, MeshSession.Receiver receiver);
}
