package io.kumarun.sidecar;

import io.kumarun.kuma.inspect.Inventory;
import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.sidecar.settings.Settings;
import io.kumarun.telemetry.AccessLog;
import io.kumarun.telemetry.ProxyMetrics;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Parts that do nothing but write down what is asked of them. */
final class FakeParts implements SidecarParts {
  final List<String> events = new CopyOnWriteArrayList<>();
  volatile List<String> problems = List.of();
  volatile Inventory inventory = Inventory.EMPTY;
  volatile boolean complete;
  volatile boolean healthReported;
  volatile MeshSession.@Nullable Receiver receiver;

  @Override
  public TrafficPath trafficPath(
      Settings settings, Transport transport, ProxyMetrics metrics, AccessLog accessLog) {
    return new TrafficPath() {
      @Override
      public List<String> apply(MeshConfig config) {
        events.add("apply");
        return problems;
      }

      @Override
      public void drainInbound() {
        events.add("drain inbound");
      }

      @Override
      public void close() {
        events.add("close traffic");
      }
    };
  }

  @Override
  public MeshSession meshSession(
      Settings settings, Transport transport, MeshSession.Receiver givenReceiver) {
    receiver = givenReceiver;
    return new MeshSession() {
      @Override
      public void start() {
        events.add("join");
      }

      @Override
      public boolean complete() {
        return complete;
      }

      @Override
      public boolean connected() {
        return complete;
      }

      @Override
      public Inventory inventory() {
        return inventory;
      }

      @Override
      public boolean reportUnready() {
        events.add("report");
        return healthReported;
      }

      @Override
      public void close() {
        events.add("leave");
      }
    };
  }

  MeshSession.Receiver receiver() {
    MeshSession.Receiver given = receiver;
    if (given == null) {
      throw new IllegalStateException("no session was made");
    }
    return given;
  }
}
