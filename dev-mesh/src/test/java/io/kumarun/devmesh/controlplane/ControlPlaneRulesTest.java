package io.kumarun.devmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.Status.Code;
import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.authority.TokenSubject;
import io.kumarun.devmesh.controlplane.AdsClient.Stream;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Topology;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is awkward about Kuma's control plane, with its real delays, in a time that tests move. */
class ControlPlaneRulesTest {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration MOMENT = Duration.ofMillis(1);
  private static final String CERTIFICATE = "identity_cert:secret:demo";

  private final ManualTimers time = new ManualTimers();
  private final Topology topology = Topology.of("demo", Scenario.LEGACY_STRICT_HTTP);
  private final Dataplane frontend = topology.ofRole("frontend");
  private final Dataplane backend = topology.ofRole("backend");
  private final DevMesh mesh =
      DevMesh.start(Scenario.LEGACY_STRICT_HTTP, topology, ControlPlaneSettings.likeKuma(), time);
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
  void theFirstAnswerTakesASecond() throws Exception {
    var stream = open(frontend, ResourceType.CLUSTER);

    time.advance(Duration.ofSeconds(1).minus(MOMENT));
    stream.staysSilent();
    time.advance(MOMENT);

    assertThat(stream.next().getTypeUrl()).isEqualTo(ResourceType.CLUSTER.typeUrl());
  }

  @Test
  void aDataPlaneThatRegisteredItselfMayReconnectOnceItIsDeregistered() throws Exception {
    var stream = open(frontend, ResourceType.CLUSTER);
    disconnect(stream, frontend);

    time.advance(Duration.ofSeconds(10).minus(MOMENT));
    assertThat(refusal(frontend))
        .isEqualTo("there is already an active stream from this node, try again later");
    time.advance(MOMENT);

    assertThat(mesh.journal().events(AdsEvent.Deregistered.class))
        .containsExactly(new AdsEvent.Deregistered(mesh.nodeId(frontend)));
    open(frontend, ResourceType.CLUSTER);
  }

  @Test
  void aDataplaneMadeBeforehandMayReconnectAtOnceAndStays() throws Exception {
    mesh.controlPlane().createDataplane(mesh.dataplaneResource(frontend));
    Node node =
        client.node(frontend).toBuilder()
            .setMetadata(
                client.node(frontend).getMetadata().toBuilder().removeFields("dataplane.resource"))
            .build();
    var stream = open(node, mesh.token(frontend), ResourceType.CLUSTER);
    assertThat(stream.next().getResourcesList()).isNotEmpty();
    disconnect(stream, frontend);

    var again = open(node, mesh.token(frontend), ResourceType.CLUSTER);

    assertThat(again.next().getResourcesList()).isNotEmpty();
    time.advance(Duration.ofMinutes(1));
    assertThat(mesh.journal().events(AdsEvent.Deregistered.class)).isEmpty();
  }

  @Test
  void theEndpointsOfADataPlaneThatIsGoneLeaveItsPeersAndComeBackWithIt() throws Exception {
    var peer = open(frontend, ResourceType.CLUSTER);
    time.advance(Duration.ofSeconds(1));
    peer.next();
    peer.send(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(ResourceType.ENDPOINT.typeUrl())
            .addResourceNamesSubscribe("backend")
            .build());
    assertThat(endpoints(peer.next())).isEqualTo(1);

    var stream = open(backend, ResourceType.CLUSTER);
    disconnect(stream, backend);
    time.advance(Duration.ofSeconds(10));
    assertThat(endpoints(peer.next())).isZero();

    open(backend, ResourceType.CLUSTER);
    time.advance(MOMENT);
    assertThat(endpoints(peer.next())).isEqualTo(1);
  }

  @Test
  void aControlPlaneThatStopsDeletesNobodyAndKnowsNoStreamsAfterwards() throws Exception {
    var stream = open(frontend, ResourceType.CLUSTER);

    mesh.controlPlane().suspend();
    assertThat(stream.failure().isOk()).isFalse();
    mesh.controlPlane().resume();
    time.advance(Duration.ofMinutes(1));

    assertThat(mesh.journal().events(AdsEvent.Deregistered.class)).isEmpty();
    open(frontend, ResourceType.CLUSTER);
  }

  @Test
  void afterANackTheNextAnswerOfThatTypeTakesFiveSecondsAndTheOthersWaitForIt() throws Exception {
    var stream = open(frontend, ResourceType.CLUSTER);
    time.advance(Duration.ofSeconds(1));
    DeltaDiscoveryResponse refused = stream.next();
    stream.send(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(refused.getTypeUrl())
            .setResponseNonce(refused.getNonce())
            .setErrorDetail(com.google.rpc.Status.newBuilder().setMessage("no"))
            .build());
    mesh.journal().awaitNack(0, mesh.nodeId(frontend), ResourceType.CLUSTER, SOON);
    time.advance(Duration.ofMinutes(1));
    stream.staysSilent();

    mesh.edit(frontend, snapshot -> snapshot.without(ResourceType.CLUSTER, "backend"));
    stream.send(subscribe(frontend, ResourceType.SECRET, CERTIFICATE));
    time.advance(Duration.ofSeconds(5).minus(MOMENT));
    stream.staysSilent();
    awaitReceived(ResourceType.SECRET);
    time.advance(MOMENT);

    assertThat(stream.next().getRemovedResourcesList()).containsExactly("backend");
    assertThat(stream.next().getTypeUrl()).isEqualTo(ResourceType.SECRET.typeUrl());
  }

  @Test
  void inStateOfTheWorldARefusedVersionComesAgainAfterFiveSeconds() throws Exception {
    Stream<DiscoveryRequest, DiscoveryResponse> stream = client.sotw(mesh.token(frontend));
    DiscoveryRequest request =
        DiscoveryRequest.newBuilder()
            .setNode(client.node(frontend))
            .setTypeUrl(ResourceType.LISTENER.typeUrl())
            .build();
    stream.send(request);
    awaitReceived(ResourceType.LISTENER);
    time.advance(Duration.ofSeconds(1));
    DiscoveryResponse refused = stream.next();
    stream.send(
        request.toBuilder()
            .setResponseNonce(refused.getNonce())
            .setErrorDetail(com.google.rpc.Status.newBuilder().setMessage("no"))
            .build());
    mesh.journal().awaitNack(0, mesh.nodeId(frontend), ResourceType.LISTENER, SOON);
    time.awaitTask(Duration.ofSeconds(5));

    time.advance(Duration.ofSeconds(5).minus(MOMENT));
    stream.staysSilent();
    time.advance(MOMENT);

    DiscoveryResponse again = stream.next();
    assertThat(again.getVersionInfo()).isEqualTo(refused.getVersionInfo());
    assertThat(again.getNonce()).isNotEqualTo(refused.getNonce());
  }

  @Test
  void aTokenIsLookedAtOnceAStream() throws Exception {
    String token =
        mesh.controlPlane()
            .tokens()
            .issue(TokenSubject.of("demo", frontend.name(), ""), Duration.ofMinutes(1));
    var stream = open(client.node(frontend), token, ResourceType.CLUSTER);
    time.advance(Duration.ofMinutes(2));
    stream.next();

    stream.send(subscribe(frontend, ResourceType.SECRET, CERTIFICATE));
    assertThat(stream.next().getTypeUrl()).isEqualTo(ResourceType.SECRET.typeUrl());

    disconnect(stream, frontend);
    time.advance(Duration.ofSeconds(10));
    Stream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> next = client.delta(token);
    next.send(first(client.node(frontend), ResourceType.CLUSTER));
    assertThat(next.failure().getDescription()).endsWith("token is expired");
  }

  @Test
  void theNodeOfAStreamStaysTheSame() throws Exception {
    var stream = open(frontend, ResourceType.CLUSTER);

    stream.send(first(client.node(backend), ResourceType.LISTENER));

    io.grpc.Status failure = stream.failure();
    assertThat(failure.getCode()).isEqualTo(Code.UNKNOWN);
    assertThat(failure.getDescription())
        .isEqualTo(
            "stream was authenticated for ID demo.frontend-1. Received request is for node with ID demo.backend-1. Node ID cannot be changed after stream is initialized");
  }

  @Test
  void eachStreamHasACertificateOfItsOwn() throws Exception {
    Secret first = certificate();
    disconnect(open(frontend, ResourceType.CLUSTER), frontend);
    assertThat(certificate()).isEqualTo(first);
    time.advance(Duration.ofSeconds(10));

    open(frontend, ResourceType.CLUSTER);

    assertThat(certificate()).isNotEqualTo(first);
    assertThat(mesh.authority().issued()).hasSizeGreaterThan(2);
  }

  @Test
  void aCertificateIsIssuedAgainAfterFourFifthsOfItsLife() throws Exception {
    var stream = open(frontend, ResourceType.CLUSTER);
    time.advance(Duration.ofSeconds(1));
    stream.next();
    stream.send(subscribe(frontend, ResourceType.SECRET, CERTIFICATE, "mesh_ca:secret:demo"));
    Map<String, String> before = versions(stream.next());

    Duration fourFifths = ControlPlaneSettings.likeKuma().certificateLifetime().dividedBy(5);
    time.advance(fourFifths.multipliedBy(4).minus(Duration.ofSeconds(2)));
    stream.staysSilent();
    time.advance(Duration.ofSeconds(2));

    Map<String, String> after = versions(stream.next());
    assertThat(after).containsOnlyKeys(CERTIFICATE);
    assertThat(after.get(CERTIFICATE)).isNotEqualTo(before.get(CERTIFICATE));
  }

  @Test
  void aCertificateThatWasPutInPlaceByHandStays() throws Exception {
    disconnect(open(frontend, ResourceType.CLUSTER), frontend);
    mesh.rotateCertificate(frontend);
    Secret mine = certificate();
    time.advance(Duration.ofSeconds(10));

    open(frontend, ResourceType.CLUSTER);

    assertThat(certificate()).isEqualTo(mine);
  }

  @Test
  void withoutAReadinessPortThereIsNothingToTell() throws Exception {
    Node node =
        client.node(frontend).toBuilder()
            .setMetadata(
                client.node(frontend).getMetadata().toBuilder()
                    .removeFields("dataplane.readinessReporter.port"))
            .build();

    var stream = open(node, mesh.token(frontend), ResourceType.CLUSTER);
    time.advance(Duration.ofMinutes(1));

    stream.staysSilent();
    assertThat(mesh.journal().events(AdsEvent.NotRendered.class))
        .extracting(AdsEvent.NotRendered::reason)
        .containsExactly("ReadinessPort has to be in (0, 65535] range");
  }

  private Stream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> open(
      Dataplane dataplane, ResourceType type) {
    return open(client.node(dataplane), mesh.token(dataplane), type);
  }

  private Stream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> open(
      Node node, String token, ResourceType type) {
    int position = mesh.journal().position();
    Stream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream = client.delta(token);
    stream.send(first(node, type));
    mesh.journal().await(position, AdsEvent.Received.class, event -> true, SOON);
    return stream;
  }

  private void disconnect(Stream<?, ?> stream, Dataplane dataplane) {
    stream.end();
    mesh.journal()
        .await(
            AdsEvent.Disconnected.class,
            event -> event.nodeId().equals(mesh.nodeId(dataplane)),
            SOON);
  }

  private String refusal(Dataplane dataplane) throws Exception {
    Stream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream =
        client.delta(mesh.token(dataplane));
    stream.send(first(client.node(dataplane), ResourceType.CLUSTER));
    io.grpc.Status failure = stream.failure();
    assertThat(failure.getCode()).isEqualTo(Code.UNKNOWN);
    return String.valueOf(failure.getDescription());
  }

  private void awaitReceived(ResourceType type) {
    mesh.journal().await(AdsEvent.Received.class, event -> event.isAbout(type), SOON);
  }

  private Secret certificate() {
    return mesh.snapshot(frontend).resource(Secret.class, CERTIFICATE).orElseThrow();
  }

  private static int endpoints(DeltaDiscoveryResponse response) throws Exception {
    assertThat(response.getTypeUrl()).isEqualTo(ResourceType.ENDPOINT.typeUrl());
    return response
        .getResources(0)
        .getResource()
        .unpack(ClusterLoadAssignment.class)
        .getEndpointsList()
        .stream()
        .mapToInt(locality -> locality.getLbEndpointsCount())
        .sum();
  }

  private static Map<String, String> versions(DeltaDiscoveryResponse response) {
    return response.getResourcesList().stream()
        .collect(java.util.stream.Collectors.toMap(Resource::getName, Resource::getVersion));
  }

  private static DeltaDiscoveryRequest first(Node node, ResourceType type) {
    return DeltaDiscoveryRequest.newBuilder().setNode(node).setTypeUrl(type.typeUrl()).build();
  }

  private DeltaDiscoveryRequest subscribe(Dataplane dataplane, ResourceType type, String... names) {
    return first(client.node(dataplane), type).toBuilder()
        .addAllResourceNamesSubscribe(List.of(names))
        .build();
  }
}
