package io.kumarun.kuma.health;

import io.envoyproxy.envoy.service.health.v3.ClusterEndpointsHealth;
import io.envoyproxy.envoy.service.health.v3.HealthCheckRequestOrEndpointHealthResponse;
import io.envoyproxy.envoy.service.health.v3.HealthCheckSpecifier;
import io.envoyproxy.envoy.service.health.v3.HealthDiscoveryServiceGrpc.HealthDiscoveryServiceImplBase;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** An HDS server on loopback that a test drives by hand. */
final class FakeHealthService extends HealthDiscoveryServiceImplBase implements AutoCloseable {
  private final Server server;
  final BlockingQueue<Stream> streams = new LinkedBlockingQueue<>();
  final List<String> tokens = new CopyOnWriteArrayList<>();

  FakeHealthService() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .directExecutor()
            .addService(this)
            .intercept(new Tokens())
            .build()
            .start();
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

  @Override
  public StreamObserver<HealthCheckRequestOrEndpointHealthResponse> streamHealthCheck(
      StreamObserver<HealthCheckSpecifier> responses) {
    Stream stream = new Stream(responses);
    streams.add(stream);
    return stream;
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  /** One stream, as the server sees it. */
  static final class Stream implements StreamObserver<HealthCheckRequestOrEndpointHealthResponse> {
    final BlockingQueue<HealthCheckRequestOrEndpointHealthResponse> messages =
        new LinkedBlockingQueue<>();
    final List<String> ends = new CopyOnWriteArrayList<>();
    private final StreamObserver<HealthCheckSpecifier> responses;

    Stream(StreamObserver<HealthCheckSpecifier> responses) {
      this.responses = responses;
    }

    HealthCheckRequestOrEndpointHealthResponse next() throws InterruptedException {
      HealthCheckRequestOrEndpointHealthResponse message = messages.poll(10, TimeUnit.SECONDS);
      if (message == null) {
        throw new AssertionError("no message came");
      }
      return message;
    }

    /** Status names by cluster of the next report. */
    Map<String, String> nextReport() throws InterruptedException {
      Map<String, String> statuses = new TreeMap<>();
      for (ClusterEndpointsHealth cluster :
          next().getEndpointHealthResponse().getClusterEndpointsHealthList()) {
        statuses.put(
            cluster.getClusterName(),
            cluster.getLocalityEndpointsHealth(0).getEndpointsHealth(0).getHealthStatus().name());
      }
      return statuses;
    }

    void send(HealthCheckSpecifier specifier) {
      responses.onNext(specifier);
    }

    void fail(Status status) {
      responses.onError(status.asRuntimeException());
    }

    @Override
    public void onNext(HealthCheckRequestOrEndpointHealthResponse message) {
      messages.add(message);
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

  private final class Tokens implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      tokens.add(
          String.valueOf(
              headers.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER))));
      return next.startCall(call, headers);
    }
  }
}
