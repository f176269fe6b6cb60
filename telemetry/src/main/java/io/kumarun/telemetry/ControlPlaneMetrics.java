package io.kumarun.telemetry;

import io.micrometer.core.instrument.Tags;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/**
 * What is counted about the control plane: clusters and listeners under Envoy's names ({@code
 * cluster_manager.cds.*}, {@code listener_manager.lds.*}), the rest under our own. Any thread.
 */
public final class ControlPlaneMetrics {
  private final LongAdder streams;
  private final Map<String, Type> types = new ConcurrentHashMap<>();
  private final Function<Tags, MeterGroup> own;
  private final Map<String, LongAdder[]> envoys;

  /**
   * {@code own} and {@code envoy} make groups with the prefixes {@code kumarun_}, {@code envoy_}.
   */
  ControlPlaneMetrics(Function<Tags, MeterGroup> own, MeterGroup envoy) {
    this.own = own;
    this.streams = own.apply(Tags.empty()).counter("control_plane_streams_total");
    this.envoys =
        Map.of(
            "cluster", successAndRejected(envoy, "cluster_manager_cds_update_"),
            "listener", successAndRejected(envoy, "listener_manager_lds_update_"));
  }

  private static LongAdder[] successAndRejected(MeterGroup group, String prefix) {
    return new LongAdder[] {group.counter(prefix + "success"), group.counter(prefix + "rejected")};
  }

  /** A stream was opened, whatever becomes of it. */
  public void streamOpened() {
    streams.increment();
  }

  /**
   * A response came.
   *
   * @param type of its resources: {@code cluster}, {@code endpoints}, {@code secret}, {@code
   *     listener}
   * @param rejected how many of them are not used
   */
  public void answered(String type, int rejected) {
    Type counted = types.computeIfAbsent(type, this::type);
    counted.responses.increment();
    counted.rejected.add(rejected);
    LongAdder[] envoy = envoys.get(type);
    if (envoy != null) {
      envoy[rejected == 0 ? 0 : 1].increment();
    }
  }

  private Type type(String name) {
    MeterGroup group = own.apply(Tags.of("type", name));
    return new Type(group.counter("xds_responses_total"), group.counter("xds_rejected_total"));
  }

  private record Type(LongAdder responses, LongAdder rejected) {}
}
