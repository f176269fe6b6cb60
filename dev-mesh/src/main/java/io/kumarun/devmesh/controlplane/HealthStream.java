package io.kumarun.devmesh.controlplane;

import com.google.protobuf.Duration;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.HealthCheck;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.core.v3.Pipe;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.service.health.v3.ClusterEndpointsHealth;
import io.envoyproxy.envoy.service.health.v3.ClusterHealthCheck;
import io.envoyproxy.envoy.service.health.v3.EndpointHealthResponse;
import io.envoyproxy.envoy.service.health.v3.HealthCheckRequestOrEndpointHealthResponse;
import io.envoyproxy.envoy.service.health.v3.HealthCheckSpecifier;
import io.envoyproxy.envoy.service.health.v3.LocalityEndpoints;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One HDS stream of a data plane: says on its first message what is to be checked, as Kuma does
 * (contract §1.7), and puts what it reports on the board. Any thread; its own lock serialises.
 */
final class HealthStream implements StreamObserver<HealthCheckRequestOrEndpointHealthResponse> {

  /** The cluster that stands for the data plane itself. */
  static final String ADMIN = "kuma:envoy:admin";

  private static final int DEFAULT_ADMIN_PORT = 9901;

  private final AdsContext context;
  private final StreamObserver<HealthCheckSpecifier> responses;
  private final List<String> credentials = AdsContext.credentials();
  private final Map<String, Boolean> healthy = new HashMap<>();

  private @Nullable DataplaneResource dataplane;
  private boolean closed;

  HealthStream(AdsContext context, StreamObserver<HealthCheckSpecifier> responses) {
    this.context = context;
    this.responses = responses;
  }

  /** The cluster that stands for the application behind an inbound. */
  static String cluster(DataplaneResource.Inbound inbound) {
    return "localhost:" + inbound.servicePort();
  }

  @Override
  public synchronized void onNext(HealthCheckRequestOrEndpointHealthResponse message) {
    if (closed) {
      return;
    }
    DataplaneResource admitted = dataplane;
    if (admitted == null) {
      admit(message.getHealthCheckRequest().getNode());
    } else if (message.hasEndpointHealthResponse()) {
      report(admitted, message.getEndpointHealthResponse());
    }
  }

  @Override
  public synchronized void onError(Throwable error) {
    closed = true;
  }

  @Override
  public synchronized void onCompleted() {
    if (!closed) {
      closed = true;
      responses.onCompleted();
    }
  }

  private void admit(Node node) {
    AdsContext.Admission admission = context.authenticate(node, credentials);
    DataplaneResource admitted = admission.dataplane();
    if (admitted == null) {
      closed = true;
      context.journal().record(new AdsEvent.Refused(node.getId(), admission.refusal()));
      responses.onError(Status.UNKNOWN.withDescription(admission.refusal()).asRuntimeException());
      return;
    }
    dataplane = admitted;
    responses.onNext(specifier(admitted, node));
  }

  /** Only the first endpoint of a cluster counts, in Kuma too. */
  private void report(DataplaneResource admitted, EndpointHealthResponse response) {
    for (ClusterEndpointsHealth cluster : response.getClusterEndpointsHealthList()) {
      HealthStatus status =
          cluster.getLocalityEndpointsHealth(0).getEndpointsHealth(0).getHealthStatus();
      boolean well = status == HealthStatus.HEALTHY || status == HealthStatus.UNKNOWN;
      Boolean before = healthy.put(cluster.getClusterName(), well);
      if (before == null || before != well) {
        context
            .journal()
            .record(new AdsEvent.Health(admitted.nodeId(), cluster.getClusterName(), well));
      }
    }
    if (context.registrations().health().report(admitted, healthy)) {
      context.refreshAll();
    }
  }

  private HealthCheckSpecifier specifier(DataplaneResource admitted, Node node) {
    HealthCheckSpecifier.Builder specifier =
        HealthCheckSpecifier.newBuilder().setInterval(interval());
    HealthCheck.Builder ready = check();
    ready.getHttpHealthCheckBuilder().setPath("/ready");
    specifier.addClusterHealthChecks(cluster(ADMIN, ready, admin(admitted, node)));
    for (DataplaneResource.Inbound inbound : admitted.inbounds()) {
      if (inbound.probed()) {
        HealthCheck.Builder tcp = check();
        tcp.getTcpHealthCheckBuilder();
        specifier.addClusterHealthChecks(
            cluster(
                cluster(inbound), tcp, socket(inbound.serviceAddress(), inbound.servicePort())));
      }
    }
    return specifier.build();
  }

  private HealthCheck.Builder check() {
    return HealthCheck.newBuilder()
        .setInterval(interval())
        .setNoTrafficInterval(interval())
        .setTimeout(Duration.newBuilder().setSeconds(2))
        .setHealthyThreshold(UInt32Value.of(1))
        .setUnhealthyThreshold(UInt32Value.of(1));
  }

  private Duration interval() {
    java.time.Duration interval = context.settings().healthInterval();
    return Duration.newBuilder()
        .setSeconds(interval.getSeconds())
        .setNanos(interval.getNano())
        .build();
  }

  private static ClusterHealthCheck cluster(
      String name, HealthCheck.Builder check, Address.Builder address) {
    return ClusterHealthCheck.newBuilder()
        .setClusterName(name)
        .addHealthChecks(check)
        .addLocalityEndpoints(
            LocalityEndpoints.newBuilder().addEndpoints(Endpoint.newBuilder().setAddress(address)))
        .build();
  }

  private static Address.Builder admin(DataplaneResource dataplane, Node node) {
    var pipe = node.getMetadata().getFieldsMap().get("dataplane.admin.socketPath");
    if (pipe != null && !pipe.getStringValue().isEmpty()) {
      return Address.newBuilder().setPipe(Pipe.newBuilder().setPath(pipe.getStringValue()));
    }
    int port = dataplane.adminPort();
    return socket("127.0.0.1", port == 0 ? DEFAULT_ADMIN_PORT : port);
  }

  private static Address.Builder socket(String address, int port) {
    return Address.newBuilder()
        .setSocketAddress(SocketAddress.newBuilder().setAddress(address).setPortValue(port));
  }
}
