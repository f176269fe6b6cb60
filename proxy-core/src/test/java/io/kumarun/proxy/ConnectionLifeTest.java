package io.kumarun.proxy;

import static io.kumarun.proxy.ConfigFixture.allTo;
import static io.kumarun.proxy.ConfigFixture.cluster;
import static io.kumarun.proxy.ConfigFixture.freePort;
import static io.kumarun.proxy.ConfigFixture.http;
import static io.kumarun.proxy.ConfigFixture.mesh;
import static io.kumarun.proxy.ConfigFixture.tcp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kumarun.proxy.config.Address;
import io.kumarun.proxy.config.ClusterConfig;
import io.kumarun.proxy.config.ClusterConfig.Protocol;
import io.kumarun.proxy.config.EndpointConfig;
import io.kumarun.proxy.config.FilterChainConfig;
import io.kumarun.proxy.config.FilterChainConfig.TerminalConfig;
import io.kumarun.proxy.config.FilterChainMatch;
import io.kumarun.proxy.config.ListenerConfig;
import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.telemetry.ProxyMetrics;
import io.kumarun.tls.ClientTls;
import io.kumarun.tls.ServerTls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections from their first byte, or none, to their end. */
@Timeout(60)
class ConnectionLifeTest {
  private static final String REQUEST = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
  private static final String RESPONSE = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final byte[] EMPTY_SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final LogCapture log = new LogCapture();
  private final ProxyMetrics metrics = new ProxyMetrics();
  private final DataPlane proxy = SocketDataPlane.on(loops, metrics, log, Duration.ofSeconds(20));
  private final int port = freePort();
  private ServerSocket app;

  @BeforeEach
  void listen() throws IOException {
    app = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    app.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private void apply(MeshConfig config) {
    assertThat(proxy.apply(config)).isEmpty();
  }

  private static ListenerConfig listener(
      String name, int port, boolean inspect, @Nullable ServerTls tls, TerminalConfig terminal) {
    return new ListenerConfig(
        name,
        new Address.Socket("127.0.0.1", port),
        ListenerConfig.Direction.INBOUND,
        true,
        inspect,
        List.of(new FilterChainConfig(name, FilterChainMatch.ANY, tls, List.of(), terminal)),
        Map.of());
  }

  private static ClusterConfig withTls(ClusterConfig cluster, ClientTls tls) {
    return new ClusterConfig(
        cluster.name(),
        cluster.statName(),
        cluster.protocol(),
        cluster.discovery(),
        tls,
        cluster.connectTimeout(),
        cluster.idleTimeout(),
        cluster.maxConnectionDuration(),
        cluster.maxStreamDuration(),
        cluster.limits(),
        cluster.endpoints());
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Reads until what came contains the text. */
  private static String readUntil(Socket socket, String wanted) throws IOException {
    StringBuilder seen = new StringBuilder();
    while (seen.indexOf(wanted) < 0) {
      int octet = socket.getInputStream().read();
      if (octet < 0) {
        throw new IOException("ended after " + seen);
      }
      seen.append((char) octet);
    }
    return seen.toString();
  }

  private void answerOneRequest(Socket at) throws IOException {
    readUntil(at, "\r\n\r\n");
    at.getOutputStream().write(ascii(RESPONSE));
  }

  private void answerEverybody() {
    try {
      while (true) {
        Socket accepted = app.accept();
        Thread.ofVirtual().start(() -> answerAll(accepted));
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private void answerAll(Socket accepted) {
    try (accepted) {
      while (true) {
        answerOneRequest(accepted);
      }
    } catch (IOException e) {
      // The peer closed.
    }
  }

  @Test
  void aProbeThatOnlyConnectsLeavesNothingBehind() throws Exception {
    apply(mesh(List.of(listener("in", port, false, null, http(allTo("app"))))));
    try (Socket socket = connect()) {
      socket.shutdownOutput();
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void aProbeLeavesNothingBehindWhereTheFirstBytesAreLookedAt() throws Exception {
    apply(mesh(List.of(listener("in", port, true, null, http(allTo("app"))))));
    try (Socket socket = connect()) {
      socket.shutdownOutput();
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void anHttp2PeerThatEndsItsHalfIsClosed() throws Exception {
    apply(mesh(List.of(listener("in", port, false, null, http(allTo("app"))))));
    try (Socket socket = connect()) {
      socket.getOutputStream().write(ascii(PREFACE));
      socket.getOutputStream().write(EMPTY_SETTINGS);
      socket.shutdownOutput();

      assertThat(socket.getInputStream().readAllBytes()).isNotEmpty();
    }
    await().until(() -> proxy.openConnections() == 0);
  }

  @Test
  void aCallerThatLeavesDuringALongAnswerEndsTheRequestUpstream() throws Exception {
    apply(
        mesh(
            List.of(listener("in", port, false, null, http(allTo("app")))),
            cluster("app", Protocol.HTTP1, app.getLocalPort())));
    Socket caller = connect();
    caller
        .getOutputStream()
        .write(ascii("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n"));
    try (Socket upstream = app.accept()) {
      upstream.setSoTimeout(10_000);
      caller.getOutputStream().write(ascii("body"));
      readUntil(upstream, "body");
      caller.close();

      assertThat(upstream.getInputStream().read()).isEqualTo(-1);
    }
    await().untilAsserted(() -> assertThat(log.lines()).hasSize(1));
    assertThat(log.lines().getFirst()).contains("[DC] downstream_remote_disconnect");
  }

  @Test
  void aConnectionThatWasSilentWhileItsListenerChangedDrains() throws Exception {
    MeshConfig before =
        mesh(
            List.of(listener("in", port, true, null, http(allTo("app")))),
            cluster("app", Protocol.HTTP1, app.getLocalPort()));
    apply(before);
    Thread.ofVirtual().start(this::answerEverybody);
    try (Socket late = connect();
        Socket first = connect()) {
      // Connections are taken in order: once this one has its answer, the other was taken, too.
      first.getOutputStream().write(ascii(REQUEST));
      readUntil(first, "ok");
      apply(
          mesh(
              List.of(listener("in", port, true, null, http(allTo("app", Duration.ofHours(1))))),
              cluster("app", Protocol.HTTP1, app.getLocalPort())));
      late.getOutputStream().write(ascii(REQUEST));

      assertThat(readUntil(late, "ok")).contains("connection: close");
    }
  }

  @Test
  void oneSecretThatCannotBeUsedTakesNothingElseDown() throws Exception {
    TestTls tls = new TestTls();
    int other = freePort();
    MeshConfig good =
        mesh(
            List.of(
                listener("tls", other, false, tls.server(), tcp("app")),
                listener("in", port, false, null, tcp("app"))),
            cluster("app", Protocol.HTTP1, app.getLocalPort()));
    apply(good);
    ServerTls broken = tls.brokenServer();

    List<String> problems =
        proxy.apply(
            mesh(
                List.of(
                    listener("tls", other, false, broken, tcp("app")),
                    listener("in", port, false, null, tcp("moved"))),
                cluster("moved", Protocol.HTTP1, app.getLocalPort())));

    assertThat(problems).hasSize(1);
    assertThat(problems.getFirst())
        .startsWith("listener tls: its TLS settings cannot be used: ")
        .endsWith("; its last good version stays in use");
    try (Socket caller = connect();
        Socket upstream = app.accept()) {
      upstream.getOutputStream().write(ascii("moved"));
      assertThat(readUntil(caller, "moved")).isEqualTo("moved");
    }
    new Socket(InetAddress.getLoopbackAddress(), other).close();
  }

  @Test
  void anEndpointThatIsANameIsReported() {
    ClusterConfig app = cluster("app", Protocol.HTTP1);
    ClusterConfig named =
        new ClusterConfig(
            "app",
            "app",
            Protocol.HTTP1,
            ClusterConfig.Discovery.DNS,
            null,
            app.connectTimeout(),
            app.idleTimeout(),
            app.maxConnectionDuration(),
            app.maxStreamDuration(),
            app.limits(),
            List.of(
                new EndpointConfig(
                    new Address.Socket("api.test", 80), 1, 0, true, "", Map.of(), Map.of())));

    assertThat(proxy.apply(mesh(List.of(), named)))
        .singleElement()
        .asString()
        .startsWith("cluster app: endpoint api.test:80 is a host name");
  }

  @Test
  void aProxyThatGoesAwayServesWhoHasNotHeardOfIt() throws Exception {
    apply(
        mesh(
            List.of(listener("in", port, false, null, http(allTo("app")))),
            cluster("app", Protocol.HTTP1, app.getLocalPort())));
    proxy.drainInbound();
    try (Socket caller = connect()) {
      caller.getOutputStream().write(ascii(REQUEST));
      try (Socket upstream = app.accept()) {
        upstream.setSoTimeout(10_000);
        answerOneRequest(upstream);
        assertThat(readUntil(caller, "ok")).contains("200 OK").contains("connection: close");
        assertThat(caller.getInputStream().read()).isEqualTo(-1);
      }
    }
  }

  @Test
  void aConnectionThatCameDuringADrainEndsWithTheProxy() throws Exception {
    apply(
        mesh(
            List.of(listener("in", port, false, null, tcp("app"))),
            cluster("app", Protocol.HTTP1, app.getLocalPort())));
    proxy.drainInbound();
    try (Socket caller = connect();
        Socket upstream = app.accept()) {
      caller.getOutputStream().write('x');
      assertThat(upstream.getInputStream().read()).isEqualTo('x');
      proxy.close();
      assertThat(caller.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void outboundServesOnUndisturbedWhileInboundDrains() throws Exception {
    ListenerConfig inbound = listener("out", port, false, null, http(allTo("app")));
    apply(
        mesh(
            List.of(
                new ListenerConfig(
                    inbound.name(),
                    inbound.address(),
                    ListenerConfig.Direction.OUTBOUND,
                    true,
                    false,
                    inbound.filterChains(),
                    Map.of())),
            cluster("app", Protocol.HTTP1, app.getLocalPort())));
    proxy.drainInbound();
    try (Socket caller = connect()) {
      caller.getOutputStream().write(ascii(REQUEST));
      try (Socket upstream = app.accept()) {
        upstream.setSoTimeout(10_000);
        for (int request = 0; request < 2; request++) {
          answerOneRequest(upstream);
          assertThat(readUntil(caller, "ok")).contains("200 OK").doesNotContain("connection:");
          caller.getOutputStream().write(ascii(REQUEST));
        }
      }
    }
  }

  /** Two proxies' worth of TCP with mutual TLS between them. */
  private void tcpOverTls() {
    int inbound = freePort();
    TestTls tls = new TestTls();
    apply(
        mesh(
            List.of(
                listener("out", port, false, null, tcp("mesh")),
                listener("in", inbound, false, tls.server(), tcp("app"))),
            withTls(cluster("mesh", Protocol.HTTP1, inbound), tls.client()),
            cluster("app", Protocol.HTTP1, app.getLocalPort())));
  }

  @Test
  void theCallerMayEndItsHalfAndStillHearTheAnswerOverTls() throws Exception {
    tcpOverTls();
    byte[] sent = new byte[300_000];
    new Random(3).nextBytes(sent);
    try (Socket caller = connect()) {
      caller.getOutputStream().write(sent);
      caller.shutdownOutput();
      try (Socket upstream = app.accept()) {
        upstream.setSoTimeout(10_000);
        assertThat(upstream.getInputStream().readAllBytes()).isEqualTo(sent);
        upstream.getOutputStream().write(sent);
      }
      assertThat(caller.getInputStream().readAllBytes()).isEqualTo(sent);
    }
    await().until(() -> proxy.openConnections() == 0);
  }

  @Test
  void theApplicationMayEndItsHalfFirstOverTls() throws Exception {
    tcpOverTls();
    byte[] sent = new byte[300_000];
    new Random(4).nextBytes(sent);
    try (Socket caller = connect();
        Socket upstream = app.accept()) {
      upstream.setSoTimeout(10_000);
      upstream.getOutputStream().write(sent);
      upstream.shutdownOutput();
      assertThat(caller.getInputStream().readAllBytes()).isEqualTo(sent);
      caller.getOutputStream().write(sent);
      caller.shutdownOutput();
      assertThat(upstream.getInputStream().readAllBytes()).isEqualTo(sent);
    }
    await().until(() -> proxy.openConnections() == 0);
  }

  @Test
  void aStoppedReaderStopsTheWriterOverTls() throws Exception {
    tcpOverTls();
    try (Socket caller = connect();
        Socket upstream = app.accept()) {
      byte[] chunk = new byte[64 * 1024];
      CompletableFuture<Long> written =
          CompletableFuture.supplyAsync(
              () -> {
                long sum = 0;
                try {
                  while (sum < 256L << 20) {
                    caller.getOutputStream().write(chunk);
                    sum += chunk.length;
                  }
                } catch (IOException e) {
                  return sum;
                }
                return sum;
              });
      await()
          .during(Duration.ofMillis(500))
          .atMost(Duration.ofSeconds(10))
          .until(() -> !written.isDone());
      caller.close();
      assertThat(written.get(10, TimeUnit.SECONDS)).isLessThan(64L << 20);
      long taken = 0;
      int read;
      while ((read = upstream.getInputStream().read(chunk)) >= 0) {
        taken += read;
      }
      assertThat(taken).isPositive();
    }
  }
}
