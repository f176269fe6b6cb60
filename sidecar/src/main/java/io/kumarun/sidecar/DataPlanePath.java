package io.kumarun.sidecar;

import io.kumarun.proxy.DataPlane;
import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.sidecar.admin.TrafficStatus;
import io.kumarun.sidecar.settings.Settings;
import io.kumarun.telemetry.AccessLog;
import io.kumarun.telemetry.ProxyMetrics;
import java.time.InstantSource;
import java.util.List;

/** The data path of proxy-core. */
final class DataPlanePath implements TrafficPath {
  private final DataPlane dataPlane;

  DataPlanePath(Settings settings, Transport transport, ProxyMetrics metrics, AccessLog accessLog) {
    dataPlane =
        new DataPlane(
            transport.eventLoops(),
            transport.socketTypes(),
            metrics,
            accessLog,
            InstantSource.system(),
            settings.drainTime());
  }

  @Override
  public TrafficStatus apply(MeshConfig config) {
    List<String> problems = dataPlane.apply(config);
    return new TrafficStatus(problems, dataPlane.virtualListeners());
  }

  @Override
  public void drainInbound() {
    dataPlane.drainInbound();
  }

  @Override
  public void close() {
    dataPlane.close();
  }
}
