package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.kumarun.devmesh.service.EchoGrpc;
import io.kumarun.devmesh.service.EchoHttpService;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A user of the mesh; each checks that what comes back is what it asked for. One thread. */
sealed interface Caller extends AutoCloseable {

  /** Makes one request that no other is like; whatever it throws is a failed request. */
  void call(String unique) throws Exception;

  /** Forgets its connection; the next call makes a new one. */
  @Override
  void close() throws Exception;

  /** Each address is asked for at every new connection, so that a caller can be moved. */
  private static void exchange(HttpSocket socket, String unique, boolean withBody, int[] last)
      throws IOException {
    String path = "/" + unique;
    String body = withBody ? unique : "";
    HttpSocket.Answer answer = socket.exchange(withBody ? "POST" : "GET", path, body);
    last[0] = answer.last() ? 1 : 0;
    assertThat(answer.status()).as("answer '%s'", answer.body()).isEqualTo(200);
    Map<String, String> seen = EchoHttpService.read(answer.body());
    assertThat(seen).containsEntry("target", path);
    assertThat(seen).containsEntry("body-length", Integer.toString(body.length()));
  }

  /** HTTP/1.1 on one connection, for as long as the proxy wants to keep it. */
  final class KeptAlive implements Caller {
    private final Supplier<InetSocketAddress> address;
    private @Nullable HttpSocket socket;
    private int calls;

    KeptAlive(Supplier<InetSocketAddress> address) {
      this.address = address;
    }

    @Override
    public void call(String unique) throws IOException {
      HttpSocket open = socket;
      if (open == null) {
        open = new HttpSocket(address.get());
        socket = open;
      }
      int[] last = new int[1];
      exchange(open, unique, calls++ % 2 == 0, last);
      if (last[0] != 0) {
        close();
      }
    }

    @Override
    public void close() throws IOException {
      HttpSocket open = socket;
      socket = null;
      if (open != null) {
        open.close();
      }
    }
  }

  /** HTTP/1.1 with a new connection for every request. */
  record NewConnection(Supplier<InetSocketAddress> address) implements Caller {
    @Override
    public void call(String unique) throws IOException {
      try (HttpSocket socket = new HttpSocket(address.get())) {
        exchange(socket, unique, true, new int[1]);
      }
    }

    @Override
    public void close() {}
  }

  /** TCP with a new connection for every line; each is a handshake between the sidecars. */
  record Tcp(Supplier<InetSocketAddress> address) implements Caller {
    private static final int TIMEOUT_MILLIS = 10_000;

    @Override
    public void call(String unique) throws IOException {
      try (Socket socket = new Socket()) {
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(address.get(), TIMEOUT_MILLIS);
        socket.getOutputStream().write((unique + "\n").getBytes(StandardCharsets.UTF_8));
        BufferedReader reader =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        assertThat(reader.readLine()).as("greeting").isNotEmpty();
        assertThat(reader.readLine()).isEqualTo(unique);
      }
    }

    @Override
    public void close() {}
  }

  /** gRPC over one connection: messages on one long stream, and a call of its own for each. */
  final class Grpc implements Caller {
    private final ManagedChannel channel;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private @Nullable StreamObserver<byte[]> stream;

    Grpc(InetSocketAddress address) {
      channel =
          NettyChannelBuilder.forAddress(address.getHostString(), address.getPort())
              .usePlaintext()
              .build();
    }

    @Override
    public void call(String unique) throws InterruptedException {
      StreamObserver<byte[]> open = stream;
      if (open == null) {
        open = chat();
        stream = open;
      }
      open.onNext(unique.getBytes(StandardCharsets.UTF_8));
      assertThat(answers.poll(10, TimeUnit.SECONDS)).isEqualTo(unique);
      byte[] answer =
          ClientCalls.blockingUnaryCall(
              channel,
              EchoGrpc.UNARY,
              CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS),
              unique.getBytes(StandardCharsets.UTF_8));
      assertThat(new String(answer, StandardCharsets.UTF_8)).isEqualTo(unique);
    }

    private StreamObserver<byte[]> chat() {
      return ClientCalls.asyncBidiStreamingCall(
          channel.newCall(EchoGrpc.CHAT, CallOptions.DEFAULT),
          new StreamObserver<>() {
            @Override
            public void onNext(byte[] message) {
              answers.add(new String(message, StandardCharsets.UTF_8));
            }

            @Override
            public void onError(Throwable error) {
              answers.add("the stream broke: " + Status.fromThrowable(error));
            }

            @Override
            public void onCompleted() {
              answers.add("the stream ended");
            }
          });
    }

    /** The channel stays: it is the library's business to connect again. */
    @Override
    public void close() {
      stream = null;
      answers.clear();
    }

    void shutDown() {
      channel.shutdownNow();
    }
  }
}
