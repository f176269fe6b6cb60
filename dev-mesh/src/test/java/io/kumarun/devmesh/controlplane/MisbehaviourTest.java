package io.kumarun.devmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.Status;
import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.controlplane.AdsClient.Stream;
import io.kumarun.devmesh.scenario.BadResource;
import io.kumarun.devmesh.scenario.BigMesh;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Topology;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MisbehaviourTest {

  private final Topology topology = Topology.of("demo", Scenario.LEGACY_STRICT_HTTP);
  private final Dataplane frontend = topology.ofRole("frontend");
  private final DevMesh mesh = DevMesh.start(Scenario.LEGACY_STRICT_HTTP, topology);
  private final EmbeddedControlPlane controlPlane = mesh.controlPlane();
  private AdsClient client;

  @BeforeEach
  void connect() throws Exception {
    client = new AdsClient(mesh);
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    mesh.close();
  }

  @Test
  void refusesStreamsWithAnyStatus() throws Exception {
    controlPlane.misbehave(
        new Misbehaviour.RefusesStreams(Status.RESOURCE_EXHAUSTED.withDescription("too many")));
    Status failure = open(ResourceType.CLUSTER).failure();
    assertThat(failure.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(failure.getDescription()).isEqualTo("too many");

    controlPlane.behave();
    assertThat(open(ResourceType.CLUSTER).next().getResourcesList()).isNotEmpty();
  }

  @Test
  void refusesBootstrapWithAnyStatus() {
    controlPlane.misbehave(new Misbehaviour.RefusesBootstrap(503, "not now"));
    assertThatThrownBy(() -> mesh.envoyBootstrap(frontend, true))
        .hasMessage("Bootstrap was refused with 503: not now");

    controlPlane.behave();
    assertThat(mesh.envoyBootstrap(frontend, true)).isNotEmpty();
  }

  @Test
  void hangsAndAnswersAfterwards() throws Exception {
    controlPlane.misbehave(new Misbehaviour.Hangs());
    var stream = open(ResourceType.CLUSTER);
    stream.staysSilent();
    assertThat(mesh.journal().events()).isEmpty();

    controlPlane.behave();
    assertThat(stream.next().getResourcesList()).isNotEmpty();

    controlPlane.misbehave(new Misbehaviour.Hangs());
    mesh.edit(frontend, snapshot -> snapshot.without(ResourceType.CLUSTER, "backend"));
    stream.staysSilent();
    controlPlane.behave();
    assertThat(stream.next().getRemovedResourcesList()).containsExactly("backend");
  }

  @Test
  void vanishesAndComesBackWithAnotherAuthority() throws Exception {
    var stream = open(ResourceType.CLUSTER);
    stream.next();
    BootstrapClient before =
        new BootstrapClient(controlPlane.url(), controlPlane.identity().authority().certificate());

    controlPlane.misbehave(new Misbehaviour.Vanishes());
    assertThat(stream.failure().isOk()).isFalse();
    controlPlane.changeAuthority();
    controlPlane.behave();

    assertThatThrownBy(() -> before.post("{}"))
        .isInstanceOf(UncheckedIOException.class)
        .hasStackTraceContaining("PKIX");
    assertThat(mesh.envoyBootstrap(frontend, true)).isNotEmpty();
  }

  @Test
  void repeatsAndReversesResponses() throws Exception {
    controlPlane.misbehave(new Misbehaviour.RepeatsResponses());
    var stream = open(ResourceType.CLUSTER);
    assertThat(stream.next()).isEqualTo(stream.next());

    controlPlane.misbehave(new Misbehaviour.ReversesResponses());
    stream.send(subscribe(ResourceType.LISTENER));
    stream.next();
    mesh.edit(
        frontend,
        snapshot ->
            snapshot
                .with(BadResource.oversized("more", 1))
                .with(BadResource.unknownFilter("more", "127.0.0.1", 1)));

    assertThat(stream.next().getTypeUrl()).isEqualTo(ResourceType.LISTENER.typeUrl());
    assertThat(stream.next().getTypeUrl()).isEqualTo(ResourceType.CLUSTER.typeUrl());
  }

  @Test
  void saysWhatNobodyAskedFor() throws Exception {
    var stream = open(ResourceType.CLUSTER);
    stream.next();
    DeltaDiscoveryResponse unasked =
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl("type.googleapis.com/no.such.Type")
            .addRemovedResources("never-was")
            .setNonce("x")
            .build();

    controlPlane.misbehave(new Misbehaviour.SendsUnasked(unasked));

    assertThat(stream.next()).isEqualTo(unasked);
  }

  @Test
  void sendsResourcesThatAreNone() throws Exception {
    Any broken = BadResource.undecodable(ResourceType.CLUSTER);
    mesh.edit(frontend, snapshot -> snapshot.withRaw(ResourceType.CLUSTER, "broken", broken));
    var stream = open(ResourceType.CLUSTER);
    assertThat(stream.next().getResourcesList())
        .filteredOn(resource -> resource.getName().equals("broken"))
        .extracting(Resource::getResource)
        .containsExactly(broken);

    mesh.edit(frontend, snapshot -> snapshot.without(ResourceType.CLUSTER, "broken"));
    assertThat(stream.next().getRemovedResourcesList()).containsExactly("broken");
  }

  @Test
  void aBigMeshHasEveryListOfEndpointsAndATenthOfItsClustersAnewInEachGeneration()
      throws Exception {
    BigMesh big = new BigMesh(40, 5, 4);
    String cluster = mesh.cluster(frontend, "backend");
    Snapshot base = mesh.snapshot(frontend);
    int clusters = base.resources(Cluster.class).size();
    mesh.edit(frontend, snapshot -> big.addTo(base, cluster, 1));
    var stream = open(ResourceType.CLUSTER);
    assertThat(stream.next().getResourcesCount()).isEqualTo(clusters + 40);
    DeltaDiscoveryRequest.Builder endpoints =
        first(ResourceType.ENDPOINT).addResourceNamesSubscribe(cluster);
    for (int number = 0; number < 40; number++) {
      endpoints.addResourceNamesSubscribe(big.name(cluster, number));
    }
    stream.send(endpoints.build());
    assertThat(stream.next().getResourcesCount()).isEqualTo(41);
    stream.send(subscribe(ResourceType.LISTENER));
    assertThat(stream.next().getResourcesList())
        .extracting(Resource::getName)
        .contains("outbound:" + frontend.outboundAddress() + ":" + big.port(3));

    mesh.edit(frontend, snapshot -> big.addTo(base, cluster, 2));

    assertThat(stream.next().getResourcesCount()).isEqualTo(4);
    assertThat(stream.next().getResourcesCount()).isEqualTo(40);
    stream.staysSilent();
  }

  private Stream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> open(ResourceType type) {
    Stream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream =
        client.delta(mesh.token(frontend));
    stream.send(first(type).build());
    return stream;
  }

  private DeltaDiscoveryRequest.Builder first(ResourceType type) {
    return DeltaDiscoveryRequest.newBuilder()
        .setNode(client.node(frontend))
        .setTypeUrl(type.typeUrl());
  }

  private DeltaDiscoveryRequest subscribe(ResourceType type) {
    return first(type).build();
  }
}
