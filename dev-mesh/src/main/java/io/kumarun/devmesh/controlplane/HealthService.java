package io.kumarun.devmesh.controlplane;

import io.envoyproxy.envoy.service.health.v3.HealthCheckRequestOrEndpointHealthResponse;
import io.envoyproxy.envoy.service.health.v3.HealthCheckSpecifier;
import io.envoyproxy.envoy.service.health.v3.HealthDiscoveryServiceGrpc.HealthDiscoveryServiceImplBase;
import io.grpc.stub.StreamObserver;

/** The gRPC face of HDS. Any thread. */
final class HealthService extends HealthDiscoveryServiceImplBase {

  private final AdsContext context;

  HealthService(AdsContext context) {
    this.context = context;
  }

  @Override
  public StreamObserver<HealthCheckRequestOrEndpointHealthResponse> streamHealthCheck(
      StreamObserver<HealthCheckSpecifier> responses) {
    return new HealthStream(context, responses);
  }
}
