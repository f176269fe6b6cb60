package io.kumarun.devmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Status;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.authority.TokenSubject;
import io.kumarun.devmesh.controlplane.AdsClient.Stream;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Permission;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Topology;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeltaAdsTest {

  private static final Duration SOON = Duration.ofSeconds(5);

  private final Topology topology = Topology.of("demo", Scenario.LEGACY_STRICT_HTTP);
  private final Dataplane frontend = topology.ofRole("frontend");
  private final DevMesh mesh = DevMesh.start(Scenario.LEGACY_STRICT_HTTP, topology);
  private AdsClient client;
  private Stream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream;

  @BeforeEach
  void connect() throws Exception {
    client = new AdsClient(mesh);
    stream = client.delta(mesh.token(frontend));
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    mesh.close();
  }

  @Test
  void sendsEachTypeOnceItIsAskedForWithAVersionPerResource() throws Exception {
    stream.send(first(ResourceType.CLUSTER));
    DeltaDiscoveryResponse clusters = stream.next();

    assertThat(clusters.getTypeUrl()).isEqualTo(ResourceType.CLUSTER.typeUrl());
    assertThat(clusters.getNonce()).isEqualTo("1");
    assertThat(clusters.getResourcesList())
        .extracting(Resource::getName)
        .contains("backend", "kuma:envoy:admin", "kuma:readiness");
    assertThat(clusters.getResourcesList()).extracting(Resource::getVersion).doesNotContain("");

    stream.send(subscribe(ResourceType.ENDPOINT, "backend"));
    DeltaDiscoveryResponse endpoints = stream.next();
    stream.send(subscribe(ResourceType.SECRET, "mesh_ca:secret:demo"));
    DeltaDiscoveryResponse secrets = stream.next();

    assertThat(endpoints.getNonce()).isEqualTo("2");
    assertThat(secrets.getResourcesList())
        .extracting(Resource::getName)
        .containsExactly("mesh_ca:secret:demo");
  }

  @Test
  void sendsOnlyWhatChanged() throws Exception {
    stream.send(first(ResourceType.LISTENER));
    ack(stream.next());
    stream.staysSilent();

    mesh.permit(frontend, Permission.allowing("spiffe://demo/friend"));

    DeltaDiscoveryResponse change = stream.next();
    assertThat(change.getResourcesList())
        .extracting(Resource::getName)
        .containsExactly("inbound:" + frontend.address() + ":" + frontend.inboundPort());
    assertThat(change.getRemovedResourcesList()).isEmpty();
  }

  @Test
  void namesWhatIsGone() throws Exception {
    stream.send(first(ResourceType.CLUSTER));
    ack(stream.next());

    mesh.edit(frontend, snapshot -> snapshot.without(ResourceType.CLUSTER, "backend"));

    assertThat(stream.next().getRemovedResourcesList()).containsExactly("backend");
  }

  @Test
  void aNackBringsNothingBack() throws Exception {
    stream.send(first(ResourceType.LISTENER));
    DeltaDiscoveryResponse refused = stream.next();

    stream.send(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(refused.getTypeUrl())
            .setResponseNonce(refused.getNonce())
            .setErrorDetail(Status.newBuilder().setMessage("listener x: unknown filter"))
            .build());

    stream.staysSilent();
    assertThat(mesh.journal().awaitNack(0, mesh.nodeId(frontend), ResourceType.LISTENER, SOON))
        .extracting(AdsEvent.Received::error)
        .isEqualTo("listener x: unknown filter");
  }

  @Test
  void sendsAfterAReconnectOnlyWhatTheDataPlaneDoesNotHave() throws Exception {
    stream.send(first(ResourceType.CLUSTER));
    DeltaDiscoveryResponse clusters = stream.next();
    Resource known = clusters.getResources(0);
    stream.end();
    mesh.journal().await(AdsEvent.Disconnected.class, event -> true, SOON);

    DeltaDiscoveryResponse again = reconnect(Map.of(known.getName(), known.getVersion()));

    assertThat(again.getResourcesList())
        .extracting(Resource::getName)
        .hasSize(clusters.getResourcesCount() - 1)
        .doesNotContain(known.getName());
  }

  @Test
  void endpointsComeAgainAfterTheirClusterChanged() throws Exception {
    stream.send(first(ResourceType.CLUSTER));
    ack(stream.next());
    stream.send(subscribe(ResourceType.ENDPOINT, "backend"));
    ack(stream.next());

    mesh.edit(
        frontend,
        snapshot ->
            snapshot.with(
                snapshot
                    .resource(io.envoyproxy.envoy.config.cluster.v3.Cluster.class, "backend")
                    .orElseThrow()
                    .toBuilder()
                    .setAltStatName("other")
                    .build()));

    assertThat(stream.next().getTypeUrl()).isEqualTo(ResourceType.CLUSTER.typeUrl());
    assertThat(stream.next().getTypeUrl()).isEqualTo(ResourceType.ENDPOINT.typeUrl());
  }

  @Test
  void endpointsAndCertificatesCanChangeAlone() throws Exception {
    stream.send(first(ResourceType.CLUSTER));
    stream.next();
    stream.send(subscribe(ResourceType.ENDPOINT, "backend"));
    stream.next();
    stream.send(subscribe(ResourceType.SECRET, "identity_cert:secret:demo"));
    stream.next();

    mesh.endpoints(frontend, "backend", List.of(new InetSocketAddress("127.7.7.7", 77)));
    assertThat(stream.next().getTypeUrl()).isEqualTo(ResourceType.ENDPOINT.typeUrl());

    mesh.endpoints(frontend, "backend", List.of());
    assertThat(stream.next().getTypeUrl()).isEqualTo(ResourceType.ENDPOINT.typeUrl());

    mesh.rotateCertificate(frontend);
    assertThat(stream.next().getTypeUrl()).isEqualTo(ResourceType.SECRET.typeUrl());
  }

  @Test
  void anotherScenarioIsTheDifference() throws Exception {
    stream.send(first(ResourceType.LISTENER));
    stream.next();

    mesh.play(Scenario.LEGACY_PERMISSIVE_HTTP);

    assertThat(stream.next().getResourcesList())
        .extracting(Resource::getName)
        .contains("inbound:" + frontend.address() + ":" + frontend.inboundPort());
  }

  @Test
  void refusesASecondStream() throws Exception {
    stream.send(first(ResourceType.CLUSTER));
    stream.next();
    Stream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> second =
        client.delta(mesh.token(frontend));
    second.send(first(ResourceType.CLUSTER));

    io.grpc.Status failure = second.failure();

    assertThat(failure.getCode()).isEqualTo(io.grpc.Status.Code.UNKNOWN);
    assertThat(failure.getDescription())
        .isEqualTo("there is already an active stream from this node, try again later");
  }

  @Test
  void refusesATokenOfSomebodyElse() throws Exception {
    String token =
        mesh.controlPlane()
            .tokens()
            .issue(TokenSubject.of("demo", "backend-1", "backend"), Duration.ofHours(1));
    Stream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stranger = client.delta(token);
    stranger.send(first(ResourceType.CLUSTER));

    io.grpc.Status failure = stranger.failure();

    assertThat(failure.getCode()).isEqualTo(io.grpc.Status.Code.UNKNOWN);
    assertThat(failure.getDescription())
        .isEqualTo(
            "authentication failed: proxy name from requestor: frontend-1 is different than in"
                + " token: backend-1");
    assertThat(mesh.journal().events(AdsEvent.Refused.class)).hasSize(1);
  }

  @Test
  void comesBackWithWhatItKnew() throws Exception {
    stream.send(first(ResourceType.CLUSTER));
    stream.next();

    mesh.controlPlane().suspend();
    assertThat(stream.failure().isOk()).isFalse();
    mesh.controlPlane().resume();

    assertThat(reconnect(Map.of()).getResourcesList()).isNotEmpty();
  }

  private DeltaDiscoveryResponse reconnect(Map<String, String> versions) throws Exception {
    long deadline = System.nanoTime() + SOON.toNanos();
    while (true) {
      int position = mesh.journal().position();
      Stream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> next =
          client.delta(mesh.token(frontend));
      next.send(
          first(ResourceType.CLUSTER).toBuilder().putAllInitialResourceVersions(versions).build());
      AdsEvent event =
          mesh.journal()
              .await(
                  position,
                  AdsEvent.class,
                  e -> e instanceof AdsEvent.Connected || e instanceof AdsEvent.Refused,
                  SOON);
      if (event instanceof AdsEvent.Connected) {
        return next.next();
      }
      assertThat(System.nanoTime()).isLessThan(deadline);
    }
  }

  private DeltaDiscoveryRequest first(ResourceType type) {
    return DeltaDiscoveryRequest.newBuilder()
        .setNode(client.node(frontend))
        .setTypeUrl(type.typeUrl())
        .build();
  }

  private DeltaDiscoveryRequest subscribe(ResourceType type, String... names) {
    return first(type).toBuilder().addAllResourceNamesSubscribe(List.of(names)).build();
  }

  private void ack(DeltaDiscoveryResponse response) {
    stream.send(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(response.getTypeUrl())
            .setResponseNonce(response.getNonce())
            .build());
  }
}
