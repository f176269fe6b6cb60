package io.kumarun.sidecar;

import io.kumarun.proxy.DataPlane;
import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.telemetry.AccessLog;
import io.kumarun.telemetry.ProxyMetrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** The data path of proxy-core. */
final class DataPlanePath implements TrafficPath {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

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
  public List<String> apply(MeshConfig config) {
    return dataPlane.apply(config);
  }

  @Override
  public void drain(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    dataPlane.drain(patience);
    try {
      while (dataPlane.openConnections() > 0 && System.nanoTime() - deadline < 0) {
        Thread.sleep(LOOK_AGAIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    dataPlane.close();
  }
}
