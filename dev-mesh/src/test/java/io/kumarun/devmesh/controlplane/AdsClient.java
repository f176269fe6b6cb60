package io.kumarun.devmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.scenario.Dataplane;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** A data plane that only speaks xDS, word by word. */
final class AdsClient implements AutoCloseable {

  private static final long LIMIT_SECONDS = 30;
  private static final long QUIET_MILLIS = 300;

  private final ManagedChannel channel;
  private final DevMesh mesh;

  AdsClient(DevMesh mesh) throws SSLException {
    this.mesh = mesh;
    this.channel =
        NettyChannelBuilder.forAddress("localhost", mesh.controlPlane().adsPort())
            .sslContext(
                GrpcSslContexts.forClient()
                    .trustManager(mesh.controlPlane().identity().authority().certificate())
                    .build())
            .build();
  }

  Stream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> delta(String token) {
    Stream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream = new Stream<>();
    stream.requests = stub(token).deltaAggregatedResources(stream);
    return stream;
  }

  Stream<DiscoveryRequest, DiscoveryResponse> sotw(String token) {
    Stream<DiscoveryRequest, DiscoveryResponse> stream = new Stream<>();
    stream.requests = stub(token).streamAggregatedResources(stream);
    return stream;
  }

  Node node(Dataplane dataplane) {
    return Node.newBuilder()
        .setId(mesh.nodeId(dataplane))
        .setMetadata(
            Struct.newBuilder()
                .putFields(
                    "dataplane.resource",
                    Value.newBuilder().setStringValue(mesh.dataplaneResource(dataplane)).build())
                .putFields(
                    "dataplane.readinessReporter.port",
                    Value.newBuilder()
                        .setStringValue(Integer.toString(dataplane.readinessPort()))
                        .build()))
        .build();
  }

  private AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceStub stub(String token) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), token);
    return AggregatedDiscoveryServiceGrpc.newStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  @Override
  public void close() throws InterruptedException {
    channel.shutdownNow();
    assertThat(channel.awaitTermination(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  /** One stream: send, and receive in order. */
  static final class Stream<Q, S> implements StreamObserver<S> {

    private final BlockingQueue<Object> received = new LinkedBlockingQueue<>();
    private StreamObserver<Q> requests =
        new StreamObserver<>() {
          @Override
          public void onNext(Q request) {}

          @Override
          public void onError(Throwable error) {}

          @Override
          public void onCompleted() {}
        };

    void send(Q request) {
      requests.onNext(request);
    }

    void end() {
      requests.onCompleted();
    }

    @SuppressWarnings("unchecked")
    S next() throws InterruptedException {
      Object event = received.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
      assertThat(event).as("a response").isNotNull().isNotInstanceOf(Status.class);
      return (S) event;
    }

    Status failure() throws InterruptedException {
      Object event = received.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
      assertThat(event).as("the end of the stream").isInstanceOf(Status.class);
      return (Status) event;
    }

    void staysSilent() throws InterruptedException {
      assertThat(received.poll(QUIET_MILLIS, TimeUnit.MILLISECONDS)).isNull();
    }

    @Override
    public void onNext(S response) {
      received.add(response);
    }

    @Override
    public void onError(Throwable error) {
      received.add(Status.fromThrowable(error));
    }

    @Override
    public void onCompleted() {
      received.add(Status.OK);
    }
  }
}
