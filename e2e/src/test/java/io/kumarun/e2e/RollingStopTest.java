package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.authority.KeyKind;
import io.kumarun.devmesh.controlplane.ControlPlaneSettings;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Topology;
import io.kumarun.devmesh.service.EchoHttpService;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sidecars end as in a rollout, under load, and no request fails. */
@Timeout(120)
class RollingStopTest {
  private static final int TRAFFIC = 3;

  /** The caller's application needs its outbound until it has finished itself. */
  @Test
  void aBackendStopsAndThenTheCallerDrainsAndNoRequestFails() throws Exception {
    try (EchoHttpService first = EchoHttpService.start("first");
        EchoHttpService second = EchoHttpService.start("second")) {
      Dataplane frontend = Dataplane.ofRole("frontend");
      Dataplane one = Dataplane.ofRole("backend").withApplicationPort(first.port());
      Dataplane two =
          Dataplane.ofRole("backend").named("backend-2").withApplicationPort(second.port());
      try (DevMesh mesh =
              DevMesh.start(
                  Scenario.LEGACY_STRICT_HTTP,
                  Topology.of("demo", frontend, one, two),
                  ControlPlaneSettings.forTests().withHealthChecks(Duration.ofMillis(200)),
                  KeyKind.EC_P256);
          Proxy in = Proxy.Kind.KUMARUN.start(mesh, one);
          Proxy.Kumarun stopping = Proxy.Kumarun.start(mesh, two, Map.of());
          Proxy.Kumarun out =
              Proxy.Kumarun.start(mesh, frontend, Map.of("KUMA_DATAPLANE_DRAIN_TIME", "60s"));
          Load load = load(frontend)) {
        assertThat(in).isNotNull();
        load.phase("both backends");
        load.awaitTraffic(TRAFFIC);
        await().untilAsserted(() -> assertThat(stopping.accessLog()).isNotEmpty());

        load.phase("one backend stops");
        stopping.sidecar().drainAndClose();
        load.awaitTraffic(TRAFFIC);

        load.phase("the caller drains");
        Thread ending = Thread.ofPlatform().start(out.sidecar()::drainAndClose);
        await().until(() -> !out.sidecar().isReady());
        load.awaitTraffic(TRAFFIC);
        load.close();
        load.assertNothingFailed();

        out.sidecar().close();
        assertThat(ending.join(Duration.ofSeconds(20))).isTrue();
      }
    }
  }

  private static Load load(Dataplane frontend) {
    Supplier<InetSocketAddress> address =
        () -> new InetSocketAddress(frontend.outboundAddress(), frontend.outboundPort("backend"));
    return new Load()
        .with("kept-alive", Duration.ofMillis(1), new Caller.KeptAlive(address))
        .with("often-idle", Duration.ofMillis(25), new Caller.KeptAlive(address))
        .with("new-connections", Duration.ofMillis(4), new Caller.NewConnection(address));
  }
}
