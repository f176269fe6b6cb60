package io.kumarun.proxy;

import static io.kumarun.proxy.ConfigFixture.allTo;
import static io.kumarun.proxy.ConfigFixture.cluster;
import static io.kumarun.proxy.ConfigFixture.freePort;
import static io.kumarun.proxy.ConfigFixture.http;
import static io.kumarun.proxy.ConfigFixture.listener;
import static io.kumarun.proxy.ConfigFixture.mesh;
import static io.kumarun.proxy.ConfigFixture.routes;
import static io.kumarun.proxy.ConfigFixture.tcp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.kumarun.proxy.config.Address;
import io.kumarun.proxy.config.ClusterConfig.Protocol;
import io.kumarun.proxy.config.FilterChainConfig.NetworkFilterConfig;
import io.kumarun.proxy.config.HttpConnectionConfig.HttpFilterConfig;
import io.kumarun.proxy.config.ListenerConfig;
import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.proxy.config.PermissionConfig;
import io.kumarun.proxy.config.RouteTableConfig.RouteAction;
import io.kumarun.retry.ConnectionLimits;
import io.kumarun.telemetry.ProxyMetrics;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The data path over real sockets: two hops where the mesh has two, without TLS. */
class DataPlaneTest {
  private static final PermissionConfig DENY_ALL =
      new PermissionConfig(
          List.of(), new PermissionConfig.Verdict("", PermissionConfig.Action.DENY), null);

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final LogCapture log = new LogCapture();
  private final ProxyMetrics metrics = new ProxyMetrics();
  private final DataPlane proxy = SocketDataPlane.on(loops, metrics, log, Duration.ofSeconds(3));
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private HttpServer app;
  private int outbound;
  private int inbound;

  @BeforeEach
  void startApp() throws IOException {
    app = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    app.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    app.createContext("/", DataPlaneTest::echo);
    app.start();
    outbound = freePort();
    inbound = freePort();
  }

  @AfterEach
  void stop() {
    proxy.close();
    app.stop(0);
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private static void echo(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) ->
                values.forEach(value -> exchange.getResponseHeaders().add("echo-" + name, value)));
    exchange.getResponseHeaders().add("echo-path", exchange.getRequestURI().toString());
    exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private int appPort() {
    return app.getAddress().getPort();
  }

  private void apply(MeshConfig config) {
    assertThat(proxy.apply(config)).isEmpty();
  }

  /** Outbound HTTP/1.1, HTTP/2 between the listeners, HTTP/1.1 to the application. */
  private void twoHops() {
    apply(
        mesh(
            List.of(
                listener("out", outbound, http(allTo("mesh"))),
                listener("in", inbound, http(allTo("app")))),
            cluster("mesh", Protocol.HTTP2, inbound),
            cluster("app", Protocol.HTTP1, appPort())));
  }

  /** On a connection of its own: one that drains keeps the configuration it started with. */
  private HttpResponse<byte[]> sendAnew(HttpRequest.Builder request) throws Exception {
    try (HttpClient fresh = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      return fresh.send(
          request.timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofByteArray());
    }
  }

  private HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
    return client.send(
        request.timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + outbound + path));
  }

  @Test
  void aRequestCrossesTwoListeners() throws Exception {
    twoHops();

    HttpResponse<byte[]> response = send(to("/hello?x=1").header("x-app", "yes"));

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("echo-path")).contains("/hello?x=1");
    assertThat(response.headers().firstValue("echo-x-app")).contains("yes");
    assertThat(response.headers().firstValue("echo-host")).contains("127.0.0.1:" + outbound);
    assertThat(response.headers().firstValue("echo-x-forwarded-proto")).contains("http");
    assertThat(response.headers().firstValue("echo-x-request-id").orElseThrow())
        .matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    assertThat(response.headers().firstValue("server")).contains("envoy");
    assertThat(response.headers().firstValue("x-envoy-upstream-service-time")).isPresent();
    await()
        .untilAsserted(
            () ->
                assertThat(log.lines())
                    .containsExactlyInAnyOrder(
                        "HTTP/2 200 [] via_upstream in 0 out 0",
                        "HTTP/1.1 200 [] via_upstream in 0 out 0"));
  }

  @Test
  void largeBodiesCrossWhole() throws Exception {
    twoHops();
    byte[] body = new byte[8 * 1024 * 1024];
    new Random(1).nextBytes(body);

    HttpResponse<byte[]> response =
        send(to("/").POST(HttpRequest.BodyPublishers.ofByteArray(body)));

    assertThat(Arrays.equals(response.body(), body)).isTrue();
  }

  @Test
  void manyRequestsShareFewConnections() throws Exception {
    twoHops();
    for (int i = 0; i < 50; i++) {
      assertThat(send(to("/" + i)).statusCode()).isEqualTo(200);
    }

    assertThat(metrics.scrape())
        .contains("envoy_cluster_upstream_cx_total{envoy_cluster_name=\"mesh\"} 1");
  }

  @Test
  void whatCannotBeForwardedIsAnsweredAsEnvoyDoes() throws Exception {
    apply(
        mesh(
            List.of(listener("out", outbound, http(allTo("nowhere")))),
            cluster("empty", Protocol.HTTP1),
            cluster("refused", Protocol.HTTP1, freePort())));
    HttpResponse<byte[]> noCluster = sendAnew(to("/"));
    assertThat(noCluster.statusCode()).isEqualTo(503);
    assertThat(noCluster.body()).isEmpty();

    apply(
        mesh(
            List.of(listener("out", outbound, http(allTo("empty")))),
            cluster("empty", Protocol.HTTP1)));
    HttpResponse<byte[]> noHost = sendAnew(to("/"));
    assertThat(noHost.statusCode()).isEqualTo(503);
    assertThat(text(noHost)).isEqualTo("no healthy upstream");

    apply(
        mesh(
            List.of(listener("out", outbound, http(allTo("refused")))),
            cluster("refused", Protocol.HTTP1, freePort())));
    HttpResponse<byte[]> refused = sendAnew(to("/"));
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(text(refused))
        .isEqualTo(
            "upstream connect error or disconnect/reset before headers. reset reason: remote"
                + " connection failure");
    await()
        .untilAsserted(
            () ->
                assertThat(String.join("\n", log.lines()))
                    .contains("503 [NC] cluster_not_found")
                    .contains("503 [UH] no_healthy_upstream")
                    .contains("503 [UF] upstream_reset_before_response_started"));
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  @Test
  void aDeniedCallerGetsEnvoysAnswer() throws Exception {
    apply(
        mesh(
            List.of(
                listener("out", outbound, http(allTo("app"), new HttpFilterConfig.Rbac(DENY_ALL)))),
            cluster("app", Protocol.HTTP1, appPort())));

    HttpResponse<byte[]> denied = send(to("/"));

    assertThat(denied.statusCode()).isEqualTo(403);
    assertThat(text(denied)).isEqualTo("RBAC: access denied");
    assertThat(denied.headers().firstValue("content-type")).contains("text/plain");
    assertThat(log.lines().getFirst()).contains("rbac_access_denied_matched_policy[none]");
  }

  @Test
  void aGrpcCallerGetsATrailersOnlyAnswer() throws Exception {
    apply(
        mesh(
            List.of(
                listener(
                    "out", outbound, http(allTo("app"), new HttpFilterConfig.Rbac(DENY_ALL))))));

    HttpResponse<byte[]> denied =
        send(
            to("/s/m")
                .header("content-type", "application/grpc")
                .POST(HttpRequest.BodyPublishers.noBody()));

    assertThat(denied.statusCode()).isEqualTo(200);
    assertThat(denied.headers().firstValue("grpc-status")).contains("7");
    assertThat(denied.headers().firstValue("grpc-message")).contains("RBAC: access denied");
  }

  @Test
  void directResponsesAndRedirectsNeedNoUpstream() throws Exception {
    apply(
        mesh(
            List.of(
                listener(
                    "out", outbound, http(routes(new RouteAction.DirectResponse(418, "teapot")))),
                listener(
                    "in",
                    inbound,
                    http(
                        routes(
                            new RouteAction.Redirect(
                                301, "https", null, 0, null, null, null, false)))))));

    HttpResponse<byte[]> direct = send(to("/"));
    assertThat(direct.statusCode()).isEqualTo(418);
    assertThat(text(direct)).isEqualTo("teapot");
    HttpResponse<byte[]> redirect =
        send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + inbound + "/a?b")));
    assertThat(redirect.statusCode()).isEqualTo(301);
    assertThat(redirect.headers().firstValue("location"))
        .contains("https://127.0.0.1:" + inbound + "/a?b");
  }

  @Test
  void aSlowApplicationTimesOut() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    app.createContext(
        "/slow",
        exchange -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.close();
        });
    apply(
        mesh(
            List.of(listener("out", outbound, http(allTo("app", Duration.ofMillis(100))))),
            cluster("app", Protocol.HTTP1, appPort())));

    HttpResponse<byte[]> late = send(to("/slow"));
    release.countDown();

    assertThat(late.statusCode()).isEqualTo(504);
    assertThat(text(late)).isEqualTo("upstream request timeout");
    assertThat(log.lines().getFirst()).contains("504 [UT] response_timeout");
  }

  @Test
  void overTheLimitsTheNewestRequestIsRefused() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch inside = new CountDownLatch(1);
    app.createContext(
        "/slow",
        exchange -> {
          inside.countDown();
          try {
            release.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    apply(
        mesh(
            List.of(
                listener("out", outbound, http(allTo("mesh"))),
                listener("in", inbound, http(allTo("app")))),
            cluster("mesh", Protocol.HTTP2, new ConnectionLimits(1, 1024, 1, 3), inbound),
            cluster("app", Protocol.HTTP1, appPort())));
    var first = client.sendAsync(to("/slow").build(), HttpResponse.BodyHandlers.ofByteArray());
    inside.await();

    HttpResponse<byte[]> second = send(to("/"));
    release.countDown();

    assertThat(second.statusCode()).isEqualTo(503);
    assertThat(second.headers().firstValue("x-envoy-overloaded")).contains("true");
    assertThat(text(second)).contains("reset reason: overflow");
    assertThat(first.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
  }

  @Test
  void aRemovedClusterServesUntilTheListenerThatNamesItChanges() throws Exception {
    twoHops();

    apply(
        mesh(
            List.of(
                listener("out", outbound, http(allTo("mesh"))),
                listener("in", inbound, http(allTo("app")))),
            cluster("mesh", Protocol.HTTP2, inbound),
            cluster("renamed", Protocol.HTTP1, appPort())));

    assertThat(sendAnew(to("/")).statusCode()).isEqualTo(200);
  }

  @Test
  void changingAListenerLosesNoRequest() throws Exception {
    twoHops();
    Thread[] callers = new Thread[4];
    List<String> failures = new CopyOnWriteArrayList<>();
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger sent = new AtomicInteger();
    for (int i = 0; i < callers.length; i++) {
      callers[i] =
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (!stop.get()) {
                      try {
                        int status = send(to("/")).statusCode();
                        if (status != 200) {
                          failures.add("status " + status);
                        }
                      } catch (Exception e) {
                        failures.add(e.toString());
                      }
                      sent.incrementAndGet();
                    }
                  });
    }
    for (int round = 0; round < 20; round++) {
      int before = sent.get();
      String suffix = "-" + round;
      apply(
          mesh(
              List.of(
                  listener("out" + suffix, outbound, http(allTo("mesh" + suffix))),
                  listener("in" + suffix, inbound, http(allTo("app" + suffix)))),
              cluster("mesh" + suffix, Protocol.HTTP2, inbound),
              cluster("app" + suffix, Protocol.HTTP1, appPort())));
      await().until(() -> sent.get() > before + 20);
    }
    stop.set(true);
    for (Thread caller : callers) {
      caller.join();
    }

    assertThat(failures)
        .as("%s", log.lines().stream().filter(l -> !l.contains(" 200 ")).toList())
        .isEmpty();
  }

  @Test
  void bytesAreRelayedBothWaysWithHalfClose() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> answerAfterEnd(server));
      apply(
          mesh(
              List.of(listener("out", outbound, tcp("app"))),
              cluster("app", Protocol.HTTP1, server.getLocalPort())));
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), outbound)) {
        socket.setSoTimeout(10_000);
        byte[] sent = new byte[1 << 20];
        new Random(2).nextBytes(sent);
        socket.getOutputStream().write(sent);
        socket.shutdownOutput();

        assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
            .isEqualTo("got " + Arrays.hashCode(sent));
      }
    }
    await().untilAsserted(() -> assertThat(log.lines()).hasSize(1));
    assertThat(log.lines().getFirst()).startsWith("null 0 [] ").contains("in 1048576");
  }

  private static void answerAfterEnd(ServerSocket server) {
    try (Socket socket = server.accept();
        InputStream in = socket.getInputStream();
        OutputStream out = socket.getOutputStream()) {
      byte[] all = in.readAllBytes();
      out.write(("got " + Arrays.hashCode(all)).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aDeniedTcpPeerIsClosed() throws Exception {
    apply(
        mesh(
            List.of(
                listener(
                    "out", outbound, tcp("app"), List.of(new NetworkFilterConfig.Rbac(DENY_ALL)))),
            cluster("app", Protocol.HTTP1, appPort())));
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), outbound)) {
      socket.setSoTimeout(10_000);

      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
    await().untilAsserted(() -> assertThat(log.lines()).hasSize(1));
    assertThat(log.lines().getFirst()).contains("rbac_access_denied_matched_policy[none]");
  }

  @Test
  void anAddressInUseIsNamedAndTheRestIsServed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      List<String> problems =
          proxy.apply(
              mesh(
                  List.of(
                      listener("taken", taken.getLocalPort(), http(allTo("app"))),
                      listener("out", outbound, http(allTo("app")))),
                  cluster("app", Protocol.HTTP1, appPort())));

      assertThat(problems)
          .singleElement()
          .asString()
          .startsWith(
              "listener taken cannot be served on 127.0.0.1:" + taken.getLocalPort() + ": ");
      assertThat(send(to("/")).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void anAddressOfAnotherHostIsNoProblemAndNotBoundUntilItIsOneOfThisHost() throws Exception {
    ListenerConfig here = listener("in", outbound, http(allTo("app")));
    ListenerConfig elsewhere =
        new ListenerConfig(
            here.name(),
            new Address.Socket("203.0.113.1", outbound),
            here.direction(),
            true,
            false,
            here.filterChains(),
            Map.of());

    apply(mesh(List.of(elsewhere), cluster("app", Protocol.HTTP1, appPort())));
    assertThat(proxy.virtualListeners()).containsExactly("in");

    apply(mesh(List.of(here), cluster("app", Protocol.HTTP1, appPort())));
    assertThat(proxy.virtualListeners()).isEmpty();
    assertThat(send(to("/")).statusCode()).isEqualTo(200);
  }

  @Test
  void whatIsHandedToAListenerWithoutASocketIsServed() throws Exception {
    ListenerConfig out = listener("out", outbound, http(allTo("app")));
    ListenerConfig elsewhere =
        new ListenerConfig(
            "in",
            new Address.Socket("203.0.113.1", inbound),
            out.direction(),
            true,
            false,
            out.filterChains(),
            Map.of());
    apply(mesh(List.of(elsewhere), cluster("app", Protocol.HTTP1, appPort())));
    Channel door =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    assertThat(proxy.listeners().accept("in", channel)).isTrue();
                  }
                })
            .bind("127.0.0.1", outbound)
            .sync()
            .channel();
    try {
      assertThat(send(to("/")).statusCode()).isEqualTo(200);
      assertThat(proxy.listeners().accept("another", door)).isFalse();
    } finally {
      door.close().sync();
    }
  }
}
