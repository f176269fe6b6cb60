package io.kumarun.devmesh;

import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.kumarun.devmesh.authority.ControlPlaneIdentity;
import io.kumarun.devmesh.authority.IssuedCertificate;
import io.kumarun.devmesh.authority.KeyKind;
import io.kumarun.devmesh.authority.MeshAuthority;
import io.kumarun.devmesh.authority.TokenSubject;
import io.kumarun.devmesh.authority.Validity;
import io.kumarun.devmesh.controlplane.BootstrapClient;
import io.kumarun.devmesh.controlplane.ControlPlaneSettings;
import io.kumarun.devmesh.controlplane.EmbeddedControlPlane;
import io.kumarun.devmesh.controlplane.Journal;
import io.kumarun.devmesh.controlplane.Snapshot;
import io.kumarun.devmesh.controlplane.Timers;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Permission;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Scenario.Identity;
import io.kumarun.devmesh.scenario.ScenarioResources;
import io.kumarun.devmesh.scenario.Topology;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * A running mesh without data planes: an embedded control plane that plays a scenario to whoever
 * connects. Data planes are started against {@link #controlPlane()} with {@link #token} and {@link
 * #dataplaneResource}. While they are connected the scenario can be switched, certificates rotated,
 * endpoints and permissions changed. Any thread.
 */
public final class DevMesh implements AutoCloseable {

  private static final Duration TOKEN_LIFETIME = Duration.ofHours(24);
  private static final String DELTA = "feature-delta-grpc";

  private final Topology topology;
  private final EmbeddedControlPlane controlPlane;
  private final MeshAuthority legacyAuthority;
  private final MeshAuthority identityAuthority;
  private final MeshAuthority foreignAuthority;
  private final Map<String, Map<String, String>> adminMaterial = new TreeMap<>();
  private Scenario scenario;

  private DevMesh(
      Scenario scenario, Topology topology, EmbeddedControlPlane controlPlane, KeyKind keys) {
    this.scenario = scenario;
    this.topology = topology;
    this.controlPlane = controlPlane;
    this.legacyAuthority = MeshAuthority.create(topology.mesh(), keys);
    this.identityAuthority = MeshAuthority.create(topology.trustDomain(), keys);
    this.foreignAuthority = MeshAuthority.create("other.mesh.local", keys);
    topology.dataplanes().forEach(dp -> adminMaterial.put(dp.name(), adminMaterial(dp)));
    play(scenario);
  }

  /** Starts with any free ports, hardly any delay, and fast keys. */
  public static DevMesh start(Scenario scenario, Topology topology) {
    return start(scenario, topology, ControlPlaneSettings.forTests(), KeyKind.EC_P256);
  }

  /** Starts with these ports and delays, and mesh certificates of this kind. */
  public static DevMesh start(
      Scenario scenario, Topology topology, ControlPlaneSettings settings, KeyKind keys) {
    return new DevMesh(scenario, topology, EmbeddedControlPlane.start(settings), keys);
  }

  /** Starts with any free ports and fast keys, in a time of its own. */
  public static DevMesh start(
      Scenario scenario, Topology topology, ControlPlaneSettings settings, Timers timers) {
    return new DevMesh(
        scenario, topology, EmbeddedControlPlane.start(settings, timers), KeyKind.EC_P256);
  }

  public EmbeddedControlPlane controlPlane() {
    return controlPlane;
  }

  public Journal journal() {
    return controlPlane.journal();
  }

  public Topology topology() {
    return topology;
  }

  /** Name of the node of a data plane in the journal. */
  public String nodeId(Dataplane dataplane) {
    return topology.mesh() + "." + dataplane.name();
  }

  /** What a data plane verifies the control plane with. */
  public String controlPlaneCaPem() {
    return controlPlane.identity().authority().certificatePem();
  }

  /** A token for this data plane, good for a day. */
  public String token(Dataplane dataplane) {
    return controlPlane
        .tokens()
        .issue(
            TokenSubject.of(topology.mesh(), dataplane.name(), dataplane.workload()),
            TOKEN_LIFETIME);
  }

  /** The Dataplane resource that goes with this data plane, as JSON. */
  public String dataplaneResource(Dataplane dataplane) {
    return DataplaneDocument.resource(topology, dataplane);
  }

  /** The Envoy bootstrap for this data plane, fetched as kuma-dp would. */
  public String envoyBootstrap(Dataplane dataplane, boolean delta) {
    String request =
        DataplaneDocument.bootstrapRequest(
            topology, dataplane, token(dataplane), delta ? List.of(DELTA) : List.of());
    return new BootstrapClient(
            controlPlane.url(), controlPlane.identity().authority().certificate())
        .post(request)
        .yaml();
  }

  /** The SPIFFE id that a data plane has in the scenario at play. */
  public synchronized String spiffeId(Dataplane dataplane) {
    return secrets().spiffeId(dataplane);
  }

  /** Switches to another scenario; whoever is connected is told the difference. */
  public synchronized void play(Scenario next) {
    topology.dataplanes().forEach(dataplane -> play(next, dataplane));
  }

  /**
   * Switches one data plane only, as when an operator changes the two ends of a connection one
   * after the other. What is asked of this mesh afterwards is meant for the new scenario.
   */
  public synchronized void play(Scenario next, Dataplane dataplane) {
    scenario = next;
    controlPlane.addMesh(topology.mesh(), next.identity() == Identity.MESH_IDENTITY);
    List<Message> resources =
        new ArrayList<>(
            ScenarioResources.of(
                next, topology, dataplane, adminMaterial.getOrDefault(dataplane.name(), Map.of())));
    if (next.identity() == Identity.NONE) {
      controlPlane.certifyNoMore(topology.mesh(), dataplane.name());
    } else {
      MeshSecrets secrets = secrets();
      MeshAuthority authority = authority();
      resources.add(
          controlPlane.certify(
              topology.mesh(),
              dataplane.name(),
              validity ->
                  secrets.certificate(authority.issue(secrets.names(dataplane), validity))));
      resources.add(secrets.trust(authorities()));
    }
    controlPlane.publish(topology.mesh(), dataplane.name(), Snapshot.of(resources));
  }

  /** Changes what a data plane gets in any way; it is told at once. */
  public synchronized void edit(Dataplane dataplane, UnaryOperator<Snapshot> change) {
    controlPlane.edit(topology.mesh(), dataplane.name(), change);
  }

  /** What a data plane gets at the moment. */
  public Snapshot snapshot(Dataplane dataplane) {
    return controlPlane.snapshot(topology.mesh(), dataplane.name());
  }

  /** Gives a data plane a new certificate, valid for a day, which it keeps from then on. */
  public IssuedCertificate rotateCertificate(Dataplane dataplane) {
    return rotateCertificate(dataplane, validity());
  }

  /** Gives a data plane a new certificate with this validity. */
  public synchronized IssuedCertificate rotateCertificate(Dataplane dataplane, Validity validity) {
    IssuedCertificate certificate = issue(dataplane, validity);
    edit(dataplane, snapshot -> snapshot.with(secrets().certificate(certificate)));
    return certificate;
  }

  /**
   * From now on a new authority signs. Everybody trusts both; certificates stay as they are until
   * rotated.
   */
  public synchronized void rotateAuthority() {
    authority().rotate();
    publishTrust();
  }

  /** Ends the overlap of authorities: only the newest is trusted. */
  public synchronized void forgetPreviousAuthority() {
    authority().forgetPrevious();
    publishTrust();
  }

  /** The authority that signs in the scenario at play. */
  public synchronized MeshAuthority authority() {
    return scenario.identity() == Identity.MESH_IDENTITY ? identityAuthority : legacyAuthority;
  }

  /** An authority of the trust domain {@code other.mesh.local}, for strangers. */
  public MeshAuthority foreignAuthority() {
    return foreignAuthority;
  }

  /** Replaces the endpoints of a cluster of a data plane, each with weight 1; none empties it. */
  public void endpoints(Dataplane dataplane, String cluster, List<InetSocketAddress> addresses) {
    ClusterLoadAssignment.Builder assignment =
        ClusterLoadAssignment.newBuilder().setClusterName(cluster);
    if (!addresses.isEmpty()) {
      LocalityLbEndpoints.Builder locality = assignment.addEndpointsBuilder();
      locality.getLocalityBuilder().setZone(topology.zone());
      addresses.forEach(address -> locality.addLbEndpoints(endpoint(address)));
    }
    edit(dataplane, snapshot -> snapshot.with(assignment.build()));
  }

  /** Name of the cluster by which a data plane reaches a service: the one whose name has it. */
  public String cluster(Dataplane dataplane, String service) {
    return snapshot(dataplane).resources(ClusterLoadAssignment.class).stream()
        .map(ClusterLoadAssignment::getClusterName)
        .filter(name -> name.equals(service) || name.contains("_" + service + "_"))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException(dataplane.name() + " does not call " + service));
  }

  /** Sets who may call a data plane. */
  public void permit(Dataplane dataplane, Permission permission) {
    edit(
        dataplane,
        snapshot -> {
          Listener[] inbound =
              snapshot.resources(Listener.class).stream()
                  .filter(l -> l.getTrafficDirection() == TrafficDirection.INBOUND)
                  .map(permission::in)
                  .toArray(Listener[]::new);
          return snapshot.with(inbound);
        });
  }

  @Override
  public void close() {
    controlPlane.close();
  }

  private IssuedCertificate issue(Dataplane dataplane, Validity validity) {
    return authority().issue(secrets().names(dataplane), validity);
  }

  private void publishTrust() {
    Message trust = secrets().trust(authorities());
    topology.dataplanes().forEach(dp -> edit(dp, snapshot -> snapshot.with(trust)));
  }

  private List<MeshAuthority> authorities() {
    return scenario.recordsForeignTrust()
        ? List.of(identityAuthority, foreignAuthority)
        : List.of(authority());
  }

  private MeshSecrets secrets() {
    return new MeshSecrets(topology, scenario.identity());
  }

  private Map<String, String> adminMaterial(Dataplane dataplane) {
    ControlPlaneIdentity identity = controlPlane.identity();
    IssuedCertificate server = identity.adminServer(dataplane.address());
    return Map.of(
        "@admin-certificate", server.certificateChainPem(),
        "@admin-private-key", server.privateKeyPem(),
        "@admin-authority", identity.adminAuthority().certificatePem());
  }

  private static Validity validity() {
    return Validity.lasting(Instant.now(), Duration.ofDays(1));
  }

  private static LbEndpoint endpoint(InetSocketAddress address) {
    return LbEndpoint.newBuilder()
        .setEndpoint(
            Endpoint.newBuilder()
                .setAddress(
                    Address.newBuilder()
                        .setSocketAddress(
                            SocketAddress.newBuilder()
                                .setAddress(address.getHostString())
                                .setPortValue(address.getPort()))))
        .setLoadBalancingWeight(UInt32Value.of(1))
        .build();
  }
}
