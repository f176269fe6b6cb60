package io.kumarun.sidecar;

import io.kumarun.kuma.inspect.Inventory;
import io.kumarun.sidecar.admin.AdminSource;
import io.kumarun.sidecar.admin.ServerState;
import io.kumarun.sidecar.admin.TrafficStatus;
import io.kumarun.telemetry.ProxyMetrics;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What a sidecar tells about itself, on pages and as metrics. */
record SidecarFacts(
    Supplier<ServerState> currentState,
    Supplier<TrafficStatus> currentTraffic,
    MeshSession session,
    ProxyMetrics metrics,
    int eventLoops,
    long startedNanos)
    implements AdminSource {

  void addTo(ProxyMetrics target) {
    target.gauge("server_live", () -> state() == ServerState.LIVE ? 1 : 0);
    target.gauge("server_uptime", this::uptimeSeconds);
    target.gauge("control_plane_connected_state", () -> session.state().connected() ? 1 : 0);
    target.gauge("server_concurrency", () -> eventLoops);
    target.gauge(
        "server_memory_allocated",
        () -> ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
  }

  @Override
  public ServerState state() {
    return currentState.get();
  }

  @Override
  public TrafficStatus traffic() {
    return currentTraffic.get();
  }

  @Override
  public Inventory inventory() {
    return session.inventory();
  }

  @Override
  public String version() {
    return VersionCommand.version();
  }

  @Override
  public long uptimeSeconds() {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startedNanos);
  }
}
