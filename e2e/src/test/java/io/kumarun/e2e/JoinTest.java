package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.controlplane.AdsEvent;
import io.kumarun.devmesh.controlplane.Journal;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Topology;
import java.math.BigInteger;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a sidecar comes into the mesh, and how it leaves it. */
@Timeout(60)
class JoinTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @Test
  void aDataplaneThatNobodyMadeYetIsAskedForAgainUntilItIsThere() {
    Dataplane backend = Dataplane.ofRole("backend");
    try (DevMesh mesh = mesh(backend);
        Proxy.Kumarun sidecar = launchByName(mesh, backend)) {
      await()
          .atMost(LIMIT)
          .until(
              () ->
                  mesh.journal().events(AdsEvent.Bootstrapped.class).stream()
                          .filter(event -> event.status() == 404)
                          .count()
                      >= 2);
      assertThat(sidecar.sidecar().refused()).isNotDone();

      mesh.controlPlane().createDataplane(mesh.dataplaneResource(backend));

      await().atMost(LIMIT).until(sidecar.sidecar()::isReady);
    }
  }

  @Test
  void aDataplaneMadeBeforehandReconnectsWithANewCertificateAndOutlivesItsSidecar()
      throws Exception {
    Dataplane backend = Dataplane.ofRole("backend");
    try (DevMesh mesh = mesh(backend)) {
      mesh.controlPlane().createDataplane(mesh.dataplaneResource(backend));
      try (Proxy.Kumarun sidecar = launchByName(mesh, backend)) {
        await().atMost(LIMIT).until(sidecar.sidecar()::isReady);
        BigInteger serial = RefusalTls.serialShownBy(backend);
        int position = mesh.journal().position();

        mesh.controlPlane().disconnect("demo", backend.name());

        AdsEvent next =
            mesh.journal()
                .await(
                    position,
                    AdsEvent.class,
                    event ->
                        event instanceof AdsEvent.Connected || event instanceof AdsEvent.Refused,
                    LIMIT);
        assertThat(next).isInstanceOf(AdsEvent.Connected.class);
        await()
            .atMost(LIMIT)
            .untilAsserted(
                () -> assertThat(RefusalTls.serialShownBy(backend)).isNotEqualTo(serial));
      }
      awaitDisconnected(mesh, backend);
      try (Proxy.Kumarun again = launchByName(mesh, backend)) {
        await().atMost(LIMIT).until(again.sidecar()::isReady);
      }
      assertThat(mesh.journal().events(AdsEvent.Deregistered.class)).isEmpty();
    }
  }

  @Test
  void aSidecarThatEndsIsDeregisteredAndLeavesTheEndpointsOfItsCallers() {
    try (RefusalMesh mesh = RefusalMesh.start(Scenario.IDENTITY_STRICT_HTTP)) {
      mesh.neighbourIsServed();

      mesh.backendSidecar.close();

      mesh.mesh
          .journal()
          .await(
              AdsEvent.Deregistered.class,
              event -> event.nodeId().equals(mesh.mesh.nodeId(mesh.backend)),
              LIMIT);
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () -> assertThat(mesh.call("backend").body()).isEqualTo("no healthy upstream"));
      try (Proxy.Kumarun again = Proxy.Kumarun.start(mesh.mesh, mesh.backend, RefusalMesh.SMALL)) {
        assertThat(again).isNotNull();
        await().atMost(LIMIT).until(() -> mesh.call("backend").statusCode() == 200);
      }
    }
  }

  @Test
  void theSecondInstanceOfANameWaitsUntilTheFirstIsGone() {
    try (RefusalLog log = RefusalLog.start();
        RefusalMesh mesh = RefusalMesh.start(Scenario.LEGACY_STRICT_HTTP)) {
      Journal journal = mesh.mesh.journal();
      int spare = Dataplane.ofRole("backend").readinessPort();
      Dataplane twin = mesh.backend.withReadinessPort(spare);
      try (Proxy.Kumarun second = Proxy.Kumarun.launch(mesh.mesh, twin, RefusalMesh.SMALL)) {
        AdsEvent.Refused refused = journal.await(AdsEvent.Refused.class, event -> true, LIMIT);
        assertThat(refused.reason())
            .isEqualTo("there is already an active stream from this node, try again later");
        log.await("another instance", "same name");
        assertThat(second.sidecar().isReady()).isFalse();
        mesh.neighbourIsServed();

        mesh.backendSidecar.close();

        await().atMost(LIMIT).until(second.sidecar()::isReady);
        await().atMost(LIMIT).until(() -> mesh.call("backend").statusCode() == 200);
      }
      log.hasNoStackTrace();
    }
  }

  @Test
  void withoutVerificationAControlPlaneOfAnyAuthorityIsJoined() {
    Dataplane backend = Dataplane.ofRole("backend");
    try (DevMesh mesh = mesh(backend);
        Proxy.Kumarun sidecar =
            Proxy.Kumarun.launch(
                mesh,
                backend,
                Map.of(
                    "KUMA_CONTROL_PLANE_CA_CERT",
                    "",
                    "KUMA_CONTROL_PLANE_TLS_SKIP_VERIFY",
                    "true"))) {
      await().atMost(LIMIT).until(sidecar.sidecar()::isReady);
    }
  }

  private static DevMesh mesh(Dataplane... dataplanes) {
    return DevMesh.start(Scenario.LEGACY_STRICT_HTTP, Topology.of("demo", dataplanes));
  }

  /** A sidecar that knows its name only. */
  private static Proxy.Kumarun launchByName(DevMesh mesh, Dataplane dataplane) {
    Map<String, String> settings = new HashMap<>(RefusalMesh.SMALL);
    settings.put("KUMA_DATAPLANE_RUNTIME_RESOURCE", "");
    settings.put("KUMA_DATAPLANE_NAME", dataplane.name());
    settings.put("KUMA_DATAPLANE_MESH", "demo");
    settings.put("KUMA_CONTROL_PLANE_RETRY_BACKOFF", "50ms");
    return Proxy.Kumarun.launch(mesh, dataplane, settings);
  }

  private static void awaitDisconnected(DevMesh mesh, Dataplane dataplane) {
    await()
        .atMost(LIMIT)
        .until(
            () ->
                mesh.journal().events(AdsEvent.Disconnected.class).stream()
                        .filter(event -> event.nodeId().equals(mesh.nodeId(dataplane)))
                        .count()
                    >= 2);
  }
}
