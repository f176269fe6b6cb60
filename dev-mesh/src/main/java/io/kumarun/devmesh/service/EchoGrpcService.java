package io.kumarun.devmesh.service;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A gRPC application on 127.0.0.1 in cleartext (HTTP/2 with prior knowledge), with the methods of
 * {@link EchoGrpc}. Response headers have {@code x-service} and, as {@code x-peer}, the {@code
 * x-forwarded-client-cert} it saw; trailers have {@code x-echo-trailer}. A request with the
 * metadata {@code x-echo-status: <number>} fails with that status. Any thread.
 */
public final class EchoGrpcService implements AutoCloseable {

  private static final long STOP_SECONDS = 5;

  private final Server server;
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();

  private EchoGrpcService(String name, int port) {
    ServerServiceDefinition echo =
        ServerServiceDefinition.builder(EchoGrpc.SERVICE)
            .addMethod(EchoGrpc.UNARY, ServerCalls.asyncUnaryCall(EchoGrpcService::unary))
            .addMethod(
                EchoGrpc.REPEAT, ServerCalls.asyncServerStreamingCall(EchoGrpcService::repeat))
            .addMethod(EchoGrpc.CHAT, ServerCalls.asyncBidiStreamingCall(EchoGrpcService::chat))
            .build();
    try {
      server =
          NettyServerBuilder.forAddress(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
              .executor(workers)
              .addService(ServerInterceptors.intercept(echo, new Manners(name)))
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot listen on port " + port, e);
    }
  }

  /** Starts on any free port. */
  public static EchoGrpcService start(String name) {
    return new EchoGrpcService(name, 0);
  }

  public int port() {
    return server.getPort();
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      if (!server.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("The echo service did not stop");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    workers.shutdownNow();
  }

  private static void unary(byte[] message, StreamObserver<byte[]> responses) {
    responses.onNext(message);
    responses.onCompleted();
  }

  private static void repeat(byte[] message, StreamObserver<byte[]> responses) {
    int times = message.length == 0 ? 0 : Byte.toUnsignedInt(message[0]);
    for (int i = 0; i < times; i++) {
      responses.onNext(message);
    }
    responses.onCompleted();
  }

  private static StreamObserver<byte[]> chat(StreamObserver<byte[]> responses) {
    return new StreamObserver<>() {
      @Override
      public void onNext(byte[] message) {
        responses.onNext(message);
      }

      @Override
      public void onError(Throwable error) {
        // The caller went away, which it may.
      }

      @Override
      public void onCompleted() {
        responses.onCompleted();
      }
    };
  }

  /** Headers, trailers and failures on request. */
  private record Manners(String name) implements ServerInterceptor {

    private static final Metadata.Key<String> SERVICE = key("x-service");
    private static final Metadata.Key<String> PEER = key("x-peer");
    private static final Metadata.Key<String> TRAILER = key("x-echo-trailer");
    private static final Metadata.Key<String> STATUS = key("x-echo-status");
    private static final Metadata.Key<String> CERTIFICATE = key("x-forwarded-client-cert");

    @Override
    public <Q, S> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, S> call, Metadata request, ServerCallHandler<Q, S> next) {
      String wanted = request.get(STATUS);
      if (wanted != null) {
        Metadata trailers = new Metadata();
        trailers.put(TRAILER, name);
        call.close(
            Status.fromCodeValue(Integer.parseInt(wanted)).withDescription("as asked"), trailers);
        return new ServerCall.Listener<>() {};
      }
      String certificate = request.get(CERTIFICATE);
      return next.startCall(
          new SimpleForwardingServerCall<>(call) {
            @Override
            public void sendHeaders(Metadata headers) {
              headers.put(SERVICE, name);
              if (certificate != null) {
                headers.put(PEER, certificate);
              }
              super.sendHeaders(headers);
            }

            @Override
            public void close(Status status, Metadata trailers) {
              trailers.put(TRAILER, name);
              super.close(status, trailers);
            }
          },
          request);
    }

    private static Metadata.Key<String> key(String name) {
      return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }
  }
}
