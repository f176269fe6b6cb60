package io.kumarun.kuma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.bouncycastle.asn1.x509.GeneralName;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BootstrapClientTest {
  private static final TestCertificate CERTIFICATE =
      TestCertificate.selfMade("", new GeneralName(GeneralName.iPAddress, "127.0.0.1"));

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("worker").factory());
  private final Queue<Answer> answers = new ArrayDeque<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<String> problems = new CopyOnWriteArrayList<>();

  private record Answer(int status, String body) {}

  @AfterEach
  void stop() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    worker.shutdown();
  }

  @Test
  void theRequestSaysAllThatAControlPlaneNeeds() throws Exception {
    answers.add(new Answer(200, Recordings.text("bootstrap-response-example.json")));

    Bootstrap bootstrap = fetch(serve(null), false, null);

    assertThat(bootstrap.node().getId()).isNotEmpty();
    String request = requests.getFirst();
    assertThat(request.lines().findFirst()).contains("POST /bootstrap");
    assertThat(request).contains("accept: application/json", "content-type: application/json");
    JsonNode body = new ObjectMapper().readTree(request.substring(request.indexOf('{')));
    assertThat(body.path("mesh").asText()).isEqualTo("default");
    assertThat(body.path("name").asText()).isEqualTo("demo-1");
    assertThat(body.path("dataplaneToken").asText()).isEqualTo("secret-token");
    assertThat(body.path("readinessPort").asInt()).isEqualTo(9902);
    assertThat(body.path("dataplaneResource").asText()).contains("\"networking\"");
    assertThat(body.path("version").path("envoy").path("version").asText()).isNotEmpty();
    assertThat(body.path("features"))
        .extracting(JsonNode::asText)
        .containsExactly(
            "feature-delta-grpc", "feature-unified-resource-naming", "feature-reuse-port");
  }

  @Test
  void aDataplaneThatIsNotKnownYetIsAskedForAgain() throws Exception {
    answers.add(new Answer(404, ""));
    answers.add(new Answer(503, "starting"));
    answers.add(new Answer(200, Recordings.text("bootstrap-response-example.json")));

    fetch(serve(null), false, null);

    assertThat(requests).hasSize(3);
  }

  @Test
  void aDataplaneThatDoesNotExistIsWaitedForLongerThanAControlPlaneThatDoesNotAnswer()
      throws Exception {
    for (int times = 0; times < 5; times++) {
      answers.add(new Answer(404, ""));
    }
    answers.add(new Answer(200, Recordings.text("bootstrap-response-example.json")));

    fetch(settings(serve(null), false, null, Duration.ZERO));

    assertThat(requests).hasSize(6);
    assertThat(problems)
        .contains(
            "the control plane does not know Dataplane default/demo-1 yet; create it, or start"
                + " with its resource");
  }

  @Test
  void aControlPlaneThatCannotAnswerIsGivenUpInTheEndWithItsOwnWords() throws Exception {
    answers.add(new Answer(503, "starting"));
    KumaSettings settings = settings(serve(null), false, null, Duration.ZERO);

    assertThatThrownBy(() -> fetch(settings))
        .cause()
        .hasMessage(
            "the control plane cannot give a bootstrap (503): starting; given up after 0 s");
  }

  @Test
  void anAnswerWithoutAReasonSaysWhereToLook() throws Exception {
    answers.add(new Answer(500, ""));
    answers.add(new Answer(403, " "));
    KumaSettings settings = settings(serve(null), false, null, Duration.ZERO);

    assertThatThrownBy(() -> fetch(settings))
        .cause()
        .hasMessageStartingWith(
            "the control plane cannot give a bootstrap (500): it gave no reason; look into its"
                + " log");
    assertThatThrownBy(() -> fetch(settings))
        .cause()
        .hasMessageStartingWith(
            "the control plane refuses this data plane (403): it gave no reason; look into its"
                + " log");
  }

  /** Its event loop has traffic, once there was a first bootstrap. */
  @Test
  void theTokenIsReadOnTheExecutor() throws Exception {
    answers.add(new Answer(500, ""));
    answers.add(new Answer(200, Recordings.text("bootstrap-response-example.json")));
    List<String> readers = new CopyOnWriteArrayList<>();
    Supplier<String> token =
        () -> {
          readers.add(Thread.currentThread().getName());
          return "token";
        };

    fetch(settings(serve(null), false, null, Duration.ofSeconds(20), token));

    assertThat(readers).containsExactly("worker", "worker");
  }

  @Test
  void anotherBootstrapIsAskedForOnceOnly() throws Exception {
    answers.add(new Answer(404, ""));
    KumaSettings settings = settings(serve(null), false, null, Duration.ofMinutes(1));

    assertThatThrownBy(
            () ->
                BootstrapClient.fetchOnce(settings, group, NioSocketChannel.class, worker)
                    .get(20, TimeUnit.SECONDS))
        .cause()
        .hasMessageContaining("does not know Dataplane default/demo-1");
    assertThat(requests).hasSize(1);
  }

  @Test
  void aRefusalIsFinalAndKeepsTheSentenceOfTheControlPlane() throws Exception {
    answers.add(new Answer(422, "A data plane token is required."));
    int port = serve(null);

    assertThatThrownBy(() -> fetch(port, false, null))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(BootstrapException.class)
        .hasMessageContaining("(422): A data plane token is required.");
    assertThat(requests).hasSize(1);
  }

  @Test
  void theCertificateThatAControlPlaneMakesForItselfIsAccepted() throws Exception {
    answers.add(new Answer(200, Recordings.text("bootstrap-response-example.json")));

    assertThat(fetch(serve(CERTIFICATE), true, CERTIFICATE.pem()).node().getId()).isNotEmpty();
  }

  @Test
  void anotherAuthorityIsRefusedWithASentence() throws Exception {
    TestCertificate other =
        TestCertificate.selfMade("CN=other", new GeneralName(GeneralName.dNSName, "localhost"));
    int port = serve(CERTIFICATE);

    assertThatThrownBy(() -> fetch(port, true, other.pem()))
        .cause()
        .hasMessageContaining("was not issued by the given CA certificate of the control plane");
    assertThat(requests).isEmpty();
  }

  @Test
  void anotherNameIsRefusedWithASentence() throws Exception {
    TestCertificate elsewhere =
        TestCertificate.selfMade("", new GeneralName(GeneralName.dNSName, "elsewhere"));
    int port = serve(elsewhere);

    assertThatThrownBy(() -> fetch(port, true, elsewhere.pem()))
        .cause()
        .hasMessageContaining("is for [elsewhere], not for 127.0.0.1");
  }

  @Test
  void aDataplaneResourceMayBeYaml() {
    DataplaneResource resource =
        DataplaneResource.parse("type: Dataplane\nname: demo-1\nnetworking: {address: 1.2.3.4}");

    assertThat(resource.mesh()).isEqualTo("default");
    assertThat(resource.name()).isEqualTo("demo-1");
    assertThat(resource.json())
        .isEqualTo(
            "{\"type\":\"Dataplane\",\"name\":\"demo-1\",\"networking\":{\"address\":\"1.2.3.4\"},"
                + "\"mesh\":\"default\"}");
    assertThatThrownBy(() -> DataplaneResource.parse("type: Mesh"))
        .hasMessageContaining("type \"Mesh\"");
    assertThatThrownBy(() -> DataplaneResource.parse("type: Dataplane\nname: Demo_1"))
        .hasMessageContaining("cannot be called \"Demo_1\"");
  }

  @Test
  void whatIsKnownOfTheHostIsSaid() throws Exception {
    HostFacts host = new HostFacts("/m.pem", "/m.key", "/ca.pem", false, true, false);
    JsonNode body = body(host);
    assertThat(body.path("features"))
        .extracting(JsonNode::asText)
        .containsExactly(
            "feature-delta-grpc", "feature-unified-resource-naming", "feature-bind-outbounds");
    assertThat(body.path("ipv6Enabled").asBoolean(true)).isFalse();
    assertThat(body.path("systemCaPath").asText()).isEqualTo("/ca.pem");
    assertThat(body.path("metricsResources").path("certPath").asText()).isEqualTo("/m.pem");
    assertThat(body.path("metricsResources").path("keyPath").asText()).isEqualTo("/m.key");

    JsonNode unknown = body(HostFacts.DEFAULT);
    assertThat(unknown.path("ipv6Enabled").asBoolean()).isTrue();
    assertThat(unknown.has("systemCaPath")).isFalse();
    assertThat(unknown.path("metricsResources")).isEmpty();
  }

  private static JsonNode body(HostFacts host) throws IOException {
    KumaSettings settings =
        new KumaSettings(
            URI.create("http://127.0.0.1:1"),
            () -> "",
            false,
            () -> "secret-token",
            new DataplaneResource("default", "demo-1", null),
            9902,
            "/tmp/demo",
            Map.of(),
            host,
            "test",
            Duration.ofMillis(10),
            Duration.ofMillis(5000));
    return new ObjectMapper().readTree(BootstrapRequest.body(settings, "", "secret-token"));
  }

  private Bootstrap fetch(int port, boolean secure, @Nullable String pem) throws Exception {
    return fetch(settings(port, secure, pem, Duration.ofMillis(secure ? 0 : 5000)));
  }

  private Bootstrap fetch(KumaSettings settings) throws Exception {
    return BootstrapClient.fetch(settings, group, NioSocketChannel.class, worker, problems::add)
        .get(20, TimeUnit.SECONDS);
  }

  private static KumaSettings settings(
      int port, boolean secure, @Nullable String pem, Duration retryFor) {
    return settings(port, secure, pem, retryFor, () -> "secret-token");
  }

  private static KumaSettings settings(
      int port, boolean secure, @Nullable String pem, Duration retryFor, Supplier<String> token) {
    return new KumaSettings(
        URI.create((secure ? "https" : "http") + "://127.0.0.1:" + port + "/ignored"),
        () -> pem == null ? "" : pem,
        false,
        token,
        new DataplaneResource("default", "demo-1", "{\"networking\":{}}"),
        9902,
        "/tmp/demo",
        Map.of(),
        "test",
        Duration.ofMillis(10),
        retryFor);
  }

  private int serve(@Nullable TestCertificate certificate) throws Exception {
    SslContext tls =
        certificate == null
            ? null
            : SslContextBuilder.forServer(certificate.key(), certificate.certificate())
                .sslProvider(SslProvider.OPENSSL)
                .build();
    Channel server =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    if (tls != null) {
                      channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                    }
                    channel
                        .pipeline()
                        .addLast(
                            new HttpServerCodec(), new HttpObjectAggregator(1 << 20), new Server());
                  }
                })
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
    return ((InetSocketAddress) server.localAddress()).getPort();
  }

  private final class Server extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
      StringBuilder text = new StringBuilder(request.method() + " " + request.uri() + "\n");
      request
          .headers()
          .forEach(header -> text.append(header.getKey() + ": " + header.getValue() + "\n"));
      requests.add(text + request.content().toString(StandardCharsets.UTF_8));
      Answer answer = answers.remove();
      ctx.writeAndFlush(
              new DefaultFullHttpResponse(
                  HttpVersion.HTTP_1_1,
                  HttpResponseStatus.valueOf(answer.status()),
                  Unpooled.copiedBuffer(answer.body(), StandardCharsets.UTF_8)))
          .addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
