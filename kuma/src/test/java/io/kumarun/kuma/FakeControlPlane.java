package io.kumarun.kuma;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An ADS server on loopback that a test drives by hand. */
final class FakeControlPlane implements AutoCloseable {
  private static final Context.Key<String> TOKEN = Context.key("token");

  private final Server server;
  final BlockingQueue<Stream> streams = new LinkedBlockingQueue<>();

  /** Refuses the next streams, in order, before anything else. */
  final BlockingQueue<Status> refusals = new LinkedBlockingQueue<>();

  final List<String> refusedTokens = new CopyOnWriteArrayList<>();

  FakeControlPlane(@Nullable TestCertificate tls) throws IOException {
    this(0, tls);
  }

  FakeControlPlane(int port, @Nullable TestCertificate tls) throws IOException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
            .directExecutor()
            .addService(new Ads())
            .intercept(new Tokens());
    if (tls != null) {
      builder.sslContext(
          GrpcSslContexts.configure(
                  SslContextBuilder.forServer(tls.key(), tls.certificate()), SslProvider.OPENSSL)
              .build());
    }
    server = builder.build().start();
  }

  int port() {
    return server.getPort();
  }

  Stream nextStream() throws InterruptedException {
    Stream stream = streams.poll(10, TimeUnit.SECONDS);
    if (stream == null) {
      throw new AssertionError("no stream was opened");
    }
    return stream;
  }

  /** Its port is free again afterwards. */
  @Override
  public void close() throws InterruptedException {
    server.shutdownNow().awaitTermination();
  }

  /** One stream, as the server sees it. */
  static final class Stream implements StreamObserver<DeltaDiscoveryRequest> {
    final BlockingQueue<DeltaDiscoveryRequest> requests = new LinkedBlockingQueue<>();
    final List<String> ends = new CopyOnWriteArrayList<>();
    final @Nullable String token = TOKEN.get();
    private final StreamObserver<DeltaDiscoveryResponse> responses;

    Stream(StreamObserver<DeltaDiscoveryResponse> responses) {
      this.responses = responses;
    }

    DeltaDiscoveryRequest next() throws InterruptedException {
      DeltaDiscoveryRequest request = requests.poll(10, TimeUnit.SECONDS);
      if (request == null) {
        throw new AssertionError("no request came");
      }
      return request;
    }

    void send(DeltaDiscoveryResponse response) {
      responses.onNext(response);
    }

    void fail(Status status) {
      responses.onError(status.asRuntimeException());
    }

    @Override
    public void onNext(DeltaDiscoveryRequest request) {
      requests.add(request);
    }

    @Override
    public void onError(Throwable failure) {
      ends.add("error");
    }

    @Override
    public void onCompleted() {
      ends.add("completed");
      responses.onCompleted();
    }
  }

  private final class Ads
      extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase {
    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
        StreamObserver<DeltaDiscoveryResponse> responses) {
      Stream stream = new Stream(responses);
      Status refusal = refusals.poll();
      if (refusal != null) {
        refusedTokens.add(String.valueOf(stream.token));
        stream.fail(refusal);
      } else {
        streams.add(stream);
      }
      return stream;
    }
  }

  private static final class Tokens implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      String token =
          headers.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER));
      return Contexts.interceptCall(Context.current().withValue(TOKEN, token), call, headers, next);
    }
  }
}
