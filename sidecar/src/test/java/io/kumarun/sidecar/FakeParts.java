package io.kumarun.sidecar;

import io.kumarun.kuma.KumaState;
import io.kumarun.kuma.inspect.Inventory;
import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.sidecar.admin.TrafficStatus;
import io.kumarun.sidecar.settings.Settings;
import io.kumarun.telemetry.AccessLog;
import io.kumarun.telemetry.ProxyMetrics;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Parts that do nothing but write down what is asked of them. */
final class FakeParts implements SidecarParts {
  final List<String> events = new CopyOnWriteArrayList<>();
  volatile Consumer<String> listener = event -> {};
  volatile Runnable onJoin = () -> {};
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
      public TrafficStatus apply(MeshConfig config) {
        did("apply");
        return new TrafficStatus(problems, Set.of());
      }

      @Override
      public void drainInbound() {
        did("drain inbound");
      }

      @Override
      public void close() {
        did("close traffic");
      }
    };
  }

  @Override
  public MeshSession meshSession(
      Settings settings,
      Transport transport,
      ProxyMetrics metrics,
      MeshSession.Receiver givenReceiver) {
    receiver = givenReceiver;
    return new MeshSession() {
      @Override
      public void start() {
        did("join");
        onJoin.run();
      }

      @Override
      public KumaState state() {
        return new KumaState(
            complete, complete ? Instant.EPOCH : null, complete, "", 1, 0, List.of(), List.of());
      }

      @Override
      public Inventory inventory() {
        return inventory;
      }

      @Override
      public boolean reportUnready() {
        did("report");
        return healthReported;
      }

      @Override
      public void close() {
        did("leave");
      }
    };
  }

  private void did(String event) {
    events.add(event);
    listener.accept(event);
  }

  MeshSession.Receiver receiver() {
    MeshSession.Receiver given = receiver;
    if (given == null) {
      throw new IllegalStateException("no session was made");
    }
    return given;
  }
}
