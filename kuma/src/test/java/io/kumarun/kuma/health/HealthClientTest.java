package io.kumarun.kuma.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.UInt32Value;
import com.sun.net.httpserver.HttpServer;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.HealthCheck;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.core.v3.Pipe;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.service.health.v3.Capability.Protocol;
import io.envoyproxy.envoy.service.health.v3.ClusterHealthCheck;
import io.envoyproxy.envoy.service.health.v3.HealthCheckSpecifier;
import io.envoyproxy.envoy.service.health.v3.LocalityEndpoints;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.kumarun.kuma.health.FakeHealthService.Stream;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HealthClientTest {
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Duration SHORT = Duration.ofMillis(20);

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ExecutorService executor = Executors.newSingleThreadExecutor();
  private FakeHealthService controlPlane;
  private ManagedChannel channel;
  private HealthClient client;
  private volatile String token = "token-1";
  private volatile boolean ready = true;

  @BeforeEach
  void start() throws IOException {
    controlPlane = new FakeHealthService();
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", controlPlane.port())
            .eventLoopGroup(group)
            .channelType(NioSocketChannel.class)
            .executor(executor)
            .usePlaintext()
            .build();
    client =
        new HealthClient(
            Node.newBuilder().setId("mesh.backend-1").build(),
            channel,
            () -> token,
            group,
            NioSocketChannel.class,
            executor,
            () -> ready);
    client.start();
  }

  @AfterEach
  void stop() {
    client.close();
    channel.shutdownNow();
    controlPlane.close();
    executor.shutdown();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  @Test
  void theFirstMessageSaysWhoAsksAndWhatItCan() throws Exception {
    var request = controlPlane.nextStream().next().getHealthCheckRequest();

    assertThat(request.getNode().getId()).isEqualTo("mesh.backend-1");
    assertThat(request.getCapability().getHealthCheckProtocolsList())
        .containsExactly(Protocol.HTTP, Protocol.TCP);
    assertThat(controlPlane.tokens).containsExactly("token-1");
  }

  @Test
  void aDeadApplicationIsReportedAndItsReturnToo() throws Exception {
    Stream stream = opened();
    int port;
    try (ServerSocket application = listening(0)) {
      port = application.getLocalPort();
      stream.send(specifier(LONG, admin("kuma:envoy:admin"), tcp("localhost:" + port, port, 2)));
      assertThat(stream.nextReport())
          .isEqualTo(Map.of("kuma:envoy:admin", "HEALTHY", "localhost:" + port, "HEALTHY"));
    }
    assertThat(stream.nextReport())
        .isEqualTo(Map.of("kuma:envoy:admin", "HEALTHY", "localhost:" + port, "UNHEALTHY"));
    try (ServerSocket again = listening(port)) {
      assertThat(again.isBound()).isTrue();
      assertThat(stream.nextReport()).containsEntry("localhost:" + port, "HEALTHY");
    }
  }

  @Test
  void reportsComeAtTheIntervalAlsoWhenNothingChanges() throws Exception {
    Stream stream = opened();
    stream.send(specifier(SHORT, admin("system_envoy_admin")));
    for (int i = 0; i < 3; i++) {
      assertThat(stream.nextReport()).isEqualTo(Map.of("system_envoy_admin", "HEALTHY"));
    }
  }

  @Test
  void theEndIsReportedAtOnceAndTheStreamStays() throws Exception {
    Stream stream = opened();
    stream.send(specifier(LONG, slow(admin("kuma:envoy:admin"))));
    assertThat(stream.nextReport()).isEqualTo(Map.of("kuma:envoy:admin", "HEALTHY"));

    ready = false;
    assertThat(client.reportNow().get(10, TimeUnit.SECONDS)).isTrue();

    assertThat(stream.nextReport()).isEqualTo(Map.of("kuma:envoy:admin", "UNHEALTHY"));
    assertThat(stream.ends).isEmpty();
  }

  @Test
  void nothingIsReportedThatNobodyAskedFor() throws Exception {
    Stream stream = opened();
    assertThat(client.reportNow().get(10, TimeUnit.SECONDS)).isFalse();
    assertThat(stream.messages).isEmpty();
  }

  @Test
  void anHttpCheckWantsTheStatusThatIsExpected() throws Exception {
    HttpServer application =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    application.createContext("/good", exchange -> answer(exchange, 200));
    application.createContext("/bad", exchange -> answer(exchange, 503));
    application.start();
    try {
      int port = application.getAddress().getPort();
      Stream stream = opened();
      stream.send(specifier(LONG, http("good", port, "/good"), http("bad", port, "/bad")));
      assertThat(stream.nextReport()).isEqualTo(Map.of("good", "HEALTHY", "bad", "UNHEALTHY"));
    } finally {
      application.stop(0);
    }
  }

  @Test
  void aNewSpecifierReplacesTheOldAndACheckOfBothGoesOn() throws Exception {
    try (ServerSocket application = listening(0)) {
      int port = application.getLocalPort();
      Stream stream = opened();
      stream.send(specifier(LONG, admin("a"), tcp("localhost:1", port, 1)));
      assertThat(stream.nextReport()).containsOnlyKeys("a", "localhost:1");
      stream.send(specifier(SHORT, admin("a")));
      assertThat(stream.nextReport()).isEqualTo(Map.of("a", "HEALTHY"));
    }
  }

  @Test
  void whatCannotBeCheckedIsNotCalledUnhealthy() throws Exception {
    Stream stream = opened();
    ClusterHealthCheck.Builder cluster = tcp("localhost:9", 9, 1).toBuilder();
    cluster
        .getLocalityEndpointsBuilder(0)
        .getEndpointsBuilder(0)
        .setAddress(Address.newBuilder().setPipe(Pipe.newBuilder().setPath("/x")));
    stream.send(specifier(SHORT, admin("a"), cluster.build()));
    assertThat(stream.nextReport()).isEqualTo(Map.of("a", "HEALTHY", "localhost:9", "UNKNOWN"));
  }

  @Test
  void aLostStreamIsOpenedAgainWithAFreshToken() throws Exception {
    Stream first = opened();
    first.send(specifier(LONG, admin("a")));
    first.nextReport();
    token = "token-2";
    first.fail(Status.UNAVAILABLE);

    Stream second = opened();
    assertThat(controlPlane.tokens).containsExactly("token-1", "token-2");
    second.send(specifier(LONG, admin("a")));
    assertThat(second.nextReport()).isEqualTo(Map.of("a", "HEALTHY"));
  }

  @Test
  void aControlPlaneWithoutHealthDiscoveryIsLeftAlone() throws Exception {
    opened().fail(Status.UNIMPLEMENTED);

    assertThat(controlPlane.streams.poll(1500, TimeUnit.MILLISECONDS)).isNull();
    assertThat(client.reportNow().get(10, TimeUnit.SECONDS)).isFalse();
  }

  @Test
  void closingEndsTheStream() throws Exception {
    Stream stream = opened();
    client.close();
    await().untilAsserted(() -> assertThat(stream.ends).isNotEmpty());
    assertThat(client.reportNow().get(10, TimeUnit.SECONDS)).isFalse();
  }

  private Stream opened() throws InterruptedException {
    Stream stream = controlPlane.nextStream();
    assertThat(stream.next().hasHealthCheckRequest()).isTrue();
    return stream;
  }

  private static ServerSocket listening(int port) throws IOException {
    ServerSocket socket = new ServerSocket();
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
    return socket;
  }

  private static void answer(com.sun.net.httpserver.HttpExchange exchange, int status)
      throws IOException {
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  private static HealthCheckSpecifier specifier(Duration interval, ClusterHealthCheck... clusters) {
    return HealthCheckSpecifier.newBuilder()
        .setInterval(proto(interval))
        .addAllClusterHealthChecks(java.util.List.of(clusters))
        .build();
  }

  private static com.google.protobuf.Duration proto(Duration duration) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }

  private static ClusterHealthCheck admin(String name) {
    HealthCheck.Builder check = check(1);
    check.getHttpHealthCheckBuilder().setPath("/ready");
    return cluster(
        name, check, Address.newBuilder().setPipe(Pipe.newBuilder().setPath("/w/admin.sock")));
  }

  private static ClusterHealthCheck slow(ClusterHealthCheck cluster) {
    ClusterHealthCheck.Builder slow = cluster.toBuilder();
    slow.getHealthChecksBuilder(0).setInterval(proto(LONG));
    return slow.build();
  }

  private static ClusterHealthCheck tcp(String name, int port, int unhealthyThreshold) {
    HealthCheck.Builder check = check(unhealthyThreshold);
    check.getTcpHealthCheckBuilder();
    return cluster(name, check, loopback(port));
  }

  private static ClusterHealthCheck http(String name, int port, String path) {
    HealthCheck.Builder check = check(1);
    check.getHttpHealthCheckBuilder().setPath(path);
    return cluster(name, check, loopback(port));
  }

  private static Address.Builder loopback(int port) {
    return Address.newBuilder()
        .setSocketAddress(SocketAddress.newBuilder().setAddress("127.0.0.1").setPortValue(port));
  }

  private static HealthCheck.Builder check(int unhealthyThreshold) {
    return HealthCheck.newBuilder()
        .setInterval(proto(SHORT))
        .setTimeout(proto(Duration.ofSeconds(2)))
        .setHealthyThreshold(UInt32Value.of(1))
        .setUnhealthyThreshold(UInt32Value.of(unhealthyThreshold));
  }

  private static ClusterHealthCheck cluster(
      String name, HealthCheck.Builder check, Address.Builder address) {
    return ClusterHealthCheck.newBuilder()
        .setClusterName(name)
        .addHealthChecks(check)
        .addLocalityEndpoints(
            LocalityEndpoints.newBuilder().addEndpoints(Endpoint.newBuilder().setAddress(address)))
        .build();
  }
}
