package io.kumarun.devmesh.controlplane;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;

/** The gRPC face of ADS in both variants. Any thread. */
final class AdsService extends AggregatedDiscoveryServiceImplBase {

  private final AdsContext context;

  AdsService(AdsContext context) {
    this.context = context;
  }

  @Override
  public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
      StreamObserver<DeltaDiscoveryResponse> responses) {
    return new AdsStream<>(
        context,
        new DeltaSession(new Nonces()),
        DeltaDiscoveryRequest::getNode,
        responses,
        /* delta= */ true);
  }

  @Override
  public StreamObserver<DiscoveryRequest> streamAggregatedResources(
      StreamObserver<DiscoveryResponse> responses) {
    return new AdsStream<>(
        context,
        new SotwSession(new Nonces()),
        DiscoveryRequest::getNode,
        responses,
        /* delta= */ false);
  }

  /** Hands the {@code authorization} metadata of a call to its stream. */
  static final class Credentials implements ServerInterceptor {

    private static final Metadata.Key<String> AUTHORIZATION =
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    @Override
    public <Q, S> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, S> call, Metadata headers, ServerCallHandler<Q, S> next) {
      List<String> values = new ArrayList<>();
      Iterable<String> present = headers.getAll(AUTHORIZATION);
      if (present != null) {
        present.forEach(values::add);
      }
      return Contexts.interceptCall(
          Context.current().withValue(AdsContext.CREDENTIALS, List.copyOf(values)),
          call,
          headers,
          next);
    }
  }
}
