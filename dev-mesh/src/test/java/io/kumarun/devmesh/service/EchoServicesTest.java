package io.kumarun.devmesh.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class EchoServicesTest {

  private static final byte[] THREE = {3, 1, 2};

  @Test
  void httpSaysWhatItSaw() throws Exception {
    try (EchoHttpService service = EchoHttpService.start("web")) {
      HttpResponse<String> answer =
          send(
              service,
              HttpRequest.newBuilder(uri(service, "/a?b=c"))
                  .header("x-color", "blue")
                  .POST(BodyPublishers.ofByteArray(new byte[1_000_000])));

      Map<String, String> seen = EchoHttpService.read(answer.body());
      assertThat(answer.headers().firstValue("x-service")).contains("web");
      assertThat(seen)
          .containsEntry("service", "web")
          .containsEntry("method", "POST")
          .containsEntry("target", "/a?b=c")
          .containsEntry("body-length", "1000000")
          .containsEntry("header-x-color", "blue")
          .containsEntry(
              "body-sha256", "d29751f2649b32ff572b5e0a9f541ea660a50f94ff0beedfb0b692b924cc8025");
    }
  }

  @Test
  void httpAnswersWithAnyStatusAndSize() throws Exception {
    try (EchoHttpService service = EchoHttpService.start("web")) {
      assertThat(send(service, HttpRequest.newBuilder(uri(service, "/status/503"))).statusCode())
          .isEqualTo(503);
      assertThat(send(service, HttpRequest.newBuilder(uri(service, "/bytes/300000"))).body())
          .hasSize(300_000);
    }
  }

  @Test
  void grpcEchoesInAllWaysAndFailsAsAsked() {
    try (EchoGrpcService service = EchoGrpcService.start("echo")) {
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", service.port()).usePlaintext().build();
      try {
        AtomicReference<Metadata> headers = new AtomicReference<>();
        AtomicReference<Metadata> trailers = new AtomicReference<>();
        Channel watched =
            ClientInterceptors.intercept(
                channel, MetadataUtils.newCaptureMetadataInterceptor(headers, trailers));

        assertThat(
                ClientCalls.blockingUnaryCall(watched, EchoGrpc.UNARY, CallOptions.DEFAULT, THREE))
            .isEqualTo(THREE);
        assertThat(Objects.requireNonNull(headers.get()).get(key("x-service"))).isEqualTo("echo");
        assertThat(Objects.requireNonNull(trailers.get()).get(key("x-echo-trailer")))
            .isEqualTo("echo");

        List<byte[]> repeated = new ArrayList<>();
        ClientCalls.blockingServerStreamingCall(
                channel, EchoGrpc.REPEAT, CallOptions.DEFAULT, THREE)
            .forEachRemaining(repeated::add);
        assertThat(repeated).hasSize(3).allMatch(message -> message.length == 3);

        Metadata wish = new Metadata();
        wish.put(key("x-echo-status"), "7");
        Channel wishing =
            ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(wish));
        assertThatThrownBy(
                () ->
                    ClientCalls.blockingUnaryCall(
                        wishing, EchoGrpc.UNARY, CallOptions.DEFAULT, THREE))
            .isInstanceOfSatisfying(
                StatusRuntimeException.class,
                e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED));
      } finally {
        channel.shutdownNow();
      }
    }
  }

  private static HttpResponse<String> send(EchoHttpService service, HttpRequest.Builder request)
      throws Exception {
    assertThat(service.port()).isPositive();
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }

  private static URI uri(EchoHttpService service, String path) {
    return URI.create("http://127.0.0.1:" + service.port() + path);
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
