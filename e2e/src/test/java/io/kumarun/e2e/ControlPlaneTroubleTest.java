package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.Status;
import io.kumarun.devmesh.controlplane.AdsEvent;
import io.kumarun.devmesh.controlplane.EmbeddedControlPlane;
import io.kumarun.devmesh.controlplane.Misbehaviour;
import io.kumarun.devmesh.controlplane.ResourceType;
import io.kumarun.devmesh.network.TcpRelay;
import io.kumarun.devmesh.scenario.BadResource;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Permission;
import io.kumarun.devmesh.scenario.Scenario;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A control plane, or a way to it, that does what it should not: traffic goes on, and what changes
 * afterwards arrives.
 */
@Timeout(60)
class ControlPlaneTroubleTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Dataplane LATE = Dataplane.ofRole("frontend").named("late");

  private static RefusalMesh mesh;
  private static EmbeddedControlPlane controlPlane;
  private static TcpRelay relay;

  @BeforeAll
  static void start() {
    AtomicReference<@Nullable TcpRelay> way = new AtomicReference<>();
    mesh =
        RefusalMesh.start(
            Scenario.LEGACY_STRICT_HTTP,
            started -> {
              TcpRelay opened = TcpRelay.to(started.controlPlane().adsPort());
              started.controlPlane().announceAdsPort(opened.port());
              way.set(opened);
            },
            LATE);
    relay = Objects.requireNonNull(way.get());
    controlPlane = mesh.mesh.controlPlane();
  }

  @AfterAll
  static void stop() {
    mesh.close();
    relay.close();
  }

  @AfterEach
  void afterwardsEverythingIsAsEver() {
    controlPlane.behave();
    relay.restore();
    changesArrive();
  }

  @Test
  void aBootstrapThatFailsOrHangsIsAskedForAgain() {
    controlPlane.misbehave(new Misbehaviour.RefusesBootstrap(500, ""));
    try (RefusalLog log = RefusalLog.start();
        Proxy.Kumarun sidecar = launch()) {
      log.await("cannot give a bootstrap (500)", "asking again every 50 ms");
      controlPlane.misbehave(new Misbehaviour.RefusesBootstrap(503, "later"));
      awaitBootstrapped(503);
      controlPlane.misbehave(new Misbehaviour.Hangs());
      assertThat(sidecar.sidecar().isReady()).isFalse();
      assertThat(sidecar.sidecar().refused()).isNotDone();

      controlPlane.behave();

      await().atMost(LIMIT).until(sidecar.sidecar()::isReady);
      log.hasNoStackTrace();
    }
  }

  @Test
  void aStreamThatIsRefusedIsOpenedAgainWhateverTheStatus() {
    for (Status status :
        List.of(
            Status.UNAVAILABLE.withDescription("overloaded"),
            Status.RESOURCE_EXHAUSTED.withDescription("too many streams"),
            Status.PERMISSION_DENIED.withDescription("not you"),
            Status.INTERNAL.withDescription("broken"))) {
      controlPlane.misbehave(new Misbehaviour.RefusesStreams(status));
      try (RefusalLog log = RefusalLog.start();
          Proxy.Kumarun sidecar = launch()) {
        log.await("no stream to the control plane", String.valueOf(status.getDescription()));
        assertThat(sidecar.sidecar().isReady()).isFalse();

        controlPlane.behave();

        await().atMost(LIMIT).until(sidecar.sidecar()::isReady);
        log.hasNoStackTrace();
      }
    }
  }

  @Test
  void aControlPlaneThatHangsStopsNoTraffic() {
    controlPlane.misbehave(new Misbehaviour.Hangs());
    int position = mesh.mesh.journal().position();
    mesh.mesh.permit(mesh.backend, Permission.nobody());
    mesh.neighbourIsServed();
    assertThat(mesh.mesh.journal().eventsSince(position)).isEmpty();

    controlPlane.behave();

    await().atMost(LIMIT).until(() -> mesh.call("backend").statusCode() == 403);
  }

  @Test
  void whatCannotBeReadIsRefusedByNameAndItsNeighboursAreTaken() {
    Any undecodable = BadResource.undecodable(ResourceType.CLUSTER);
    Any otherName = Any.pack(Cluster.newBuilder().setName("somebody-else").build());
    Any otherType = Any.pack(Listener.newBuilder().setName("a-listener").build());
    int position = mesh.mesh.journal().position();
    String node = mesh.mesh.nodeId(mesh.backend);
    mesh.mesh.edit(
        mesh.backend,
        snapshot ->
            snapshot
                .withRaw(ResourceType.CLUSTER, "undecodable", undecodable)
                .withRaw(ResourceType.CLUSTER, "other-name", otherName)
                .withRaw(ResourceType.CLUSTER, "other-type", otherType)
                .with(BadResource.oversized("neighbour", 1 << 20)));

    AdsEvent.Received nack =
        mesh.mesh.journal().awaitNack(position, node, ResourceType.CLUSTER, LIMIT);

    assertThat(nack.error()).contains("undecodable", "other-name", "other-type");
    assertThat(nack.error()).doesNotContain("neighbour", "Exception");
    mesh.neighbourIsServed();
    mesh.mesh.edit(
        mesh.backend,
        snapshot ->
            snapshot
                .without(ResourceType.CLUSTER, "undecodable")
                .without(ResourceType.CLUSTER, "other-name")
                .without(ResourceType.CLUSTER, "other-type")
                .without(ResourceType.CLUSTER, "neighbour"));
  }

  @Test
  void responsesThatComeTwiceOrInTheWrongOrderDoNoHarm() {
    controlPlane.misbehave(new Misbehaviour.RepeatsResponses());
    changesArrive();
    controlPlane.misbehave(new Misbehaviour.ReversesResponses());
    for (Scenario scenario :
        List.of(Scenario.LEGACY_PERMISSIVE_HTTP, Scenario.LEGACY_STRICT_HTTP)) {
      mesh.mesh.play(scenario, mesh.backend);
      changesArrive();
    }
  }

  @Test
  void whatNobodyAskedForIsRefusedOrPassedOver() {
    int position = mesh.mesh.journal().position();
    controlPlane.misbehave(
        new Misbehaviour.SendsUnasked(
            DeltaDiscoveryResponse.newBuilder()
                .setTypeUrl("type.googleapis.com/no.such.Type")
                .addResources(Resource.newBuilder().setName("x"))
                .setNonce("unknown-type")
                .build()));
    AdsEvent.Received answer =
        mesh.mesh
            .journal()
            .await(
                position,
                AdsEvent.Received.class,
                event -> event.nonce().equals("unknown-type"),
                LIMIT);
    assertThat(answer.error()).contains("no.such.Type", "not subscribed");

    for (ResourceType type : ResourceType.values()) {
      controlPlane.misbehave(
          new Misbehaviour.SendsUnasked(
              DeltaDiscoveryResponse.newBuilder()
                  .setTypeUrl(type.typeUrl())
                  .addRemovedResources("never-was")
                  .setNonce("removed-" + type)
                  .build()));
    }
    mesh.neighbourIsServed();
  }

  @Test
  void aControlPlaneThatComesBackAsAnotherIsNotTrustedAndTrafficGoesOn() {
    try (RefusalLog log = RefusalLog.start();
        RefusalMesh alone = RefusalMesh.start(Scenario.LEGACY_STRICT_HTTP)) {
      EmbeddedControlPlane changing = alone.mesh.controlPlane();
      changing.misbehave(new Misbehaviour.Vanishes());
      changing.changeAuthority();
      log.forget();
      changing.behave();

      log.await("no stream to the control plane", "was not issued by the given CA certificate");
      alone.neighbourIsServed();
      assertThat(alone.backendSidecar.sidecar().isReady()).isTrue();
      log.hasNoStackTrace();
    }
  }

  @Test
  void aWayThatIsCutOrClosedOrSilentStopsNoTraffic() {
    relay.cut();
    mesh.neighbourIsServed();
    changesArrive();

    relay.refuse();
    int accepted = relay.accepted();
    await().atMost(LIMIT).until(() -> relay.accepted() > accepted);
    mesh.neighbourIsServed();
    relay.restore();
    changesArrive();

    relay.swallow();
    mesh.mesh.permit(mesh.backend, Permission.nobody());
    mesh.neighbourIsServed();
    relay.cut();
    relay.restore();
    await().atMost(LIMIT).until(() -> mesh.call("backend").statusCode() == 403);
  }

  /** Takes the permission of the caller away and gives it back; both is seen in answers. */
  private static void changesArrive() {
    mesh.mesh.permit(mesh.backend, Permission.nobody());
    await().atMost(LIMIT).until(() -> mesh.call("backend").statusCode() == 403);
    mesh.mesh.permit(mesh.backend, Permission.allowing(mesh.mesh.spiffeId(mesh.frontend)));
    await().atMost(LIMIT).until(() -> mesh.call("backend").statusCode() == 200);
  }

  private static void awaitBootstrapped(int status) {
    mesh.mesh
        .journal()
        .await(AdsEvent.Bootstrapped.class, event -> event.status() == status, LIMIT);
  }

  private static Proxy.Kumarun launch() {
    Map<String, String> settings = new HashMap<>(RefusalMesh.SMALL);
    settings.put("KUMA_CONTROL_PLANE_RETRY_BACKOFF", "50ms");
    return Proxy.Kumarun.launch(mesh.mesh, LATE, settings);
  }
}
