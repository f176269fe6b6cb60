package io.kumarun.kuma;

import static io.kumarun.kuma.Responses.edsCluster;
import static io.kumarun.kuma.Responses.endpoints;
import static io.kumarun.kuma.Responses.listener;
import static io.kumarun.kuma.translate.ResourceKind.CLUSTER;
import static io.kumarun.kuma.translate.ResourceKind.ENDPOINTS;
import static io.kumarun.kuma.translate.ResourceKind.LISTENER;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.kumarun.kuma.FakeControlPlane.Stream;
import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.telemetry.ProxyMetrics;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bootstrap and ADS together. */
class KumaClientTest {
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ExecutorService executor = Executors.newSingleThreadExecutor();
  private final List<MeshConfig> configs = new CopyOnWriteArrayList<>();
  private final List<String> bootstrapRequests = new CopyOnWriteArrayList<>();
  private volatile String bootstrapYaml = "";
  private volatile String token = "token-1";
  private HttpServer http;
  private KumaClient client;

  @BeforeEach
  void start() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext(
        "/bootstrap",
        exchange -> {
          bootstrapRequests.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          byte[] body =
              ("{\"bootstrap\":\""
                      + Base64.getEncoder().encodeToString(bootstrapYaml.getBytes(UTF_8))
                      + "\"}")
                  .getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    http.start();
    client =
        new KumaClient(
            new KumaSettings(
                URI.create("http://127.0.0.1:" + http.getAddress().getPort()),
                () -> "",
                false,
                () -> token,
                new DataplaneResource("mesh", "frontend-1", null),
                9902,
                "/tmp/demo",
                Map.of(),
                "test",
                Duration.ofMillis(10),
                Duration.ofSeconds(5)),
            group,
            NioSocketChannel.class,
            executor,
            configs::add,
            () -> true,
            new ProxyMetrics().controlPlaneMetrics());
  }

  @AfterEach
  void stop() {
    client.stop();
    http.stop(0);
    executor.shutdown();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  /** Kuma 3: the bootstrap names the authority, so another authority takes another bootstrap. */
  @Test
  void anAuthorityThatChangedIsFoundInAnotherBootstrapAndServedOnMeanwhile() throws Exception {
    TestCertificate before = certificate();
    TestCertificate after = certificate();
    int port;
    try (FakeControlPlane old = new FakeControlPlane(before)) {
      port = old.port();
      bootstrapYaml = bootstrap("mesh.frontend-1", port, before);
      client.start().get(10, TimeUnit.SECONDS);
      Stream stream = old.nextStream();
      assertThat(stream.next().getNode().getId()).isEqualTo("mesh.frontend-1");
      stream.send(Responses.of(CLUSTER, "1").with("a", "v1", edsCluster("a")).build());
      stream.send(Responses.of(LISTENER, "2").with("out", "v1", listener("out", 1, "a")).build());
      stream.send(Responses.of(ENDPOINTS, "3").with("a", "v1", endpoints("a", 80)).build());
      await().untilAsserted(() -> assertThat(client.state().ready()).isTrue());
    }
    MeshConfig served = configs.getLast();
    token = "token-2";

    try (FakeControlPlane renewed = new FakeControlPlane(port, after)) {
      // Still the old authority, and then the new one with another node.
      await().untilAsserted(() -> assertThat(bootstrapRequests).hasSizeGreaterThan(1));
      assertThat(renewed.streams).isEmpty();
      bootstrapYaml = bootstrap("mesh.renamed-1", port, after);

      Stream stream = renewed.nextStream();
      DeltaDiscoveryRequest first = stream.next();
      assertThat(first.getNode().getId()).isEqualTo("mesh.renamed-1");
      assertThat(first.getInitialResourceVersionsMap()).containsExactly(Map.entry("a", "v1"));
      assertThat(stream.token).isEqualTo("token-2");
      assertThat(bootstrapRequests.getLast()).contains("token-2");
      assertThat(configs.getLast()).isSameAs(served);
      assertThat(client.state().ready()).isTrue();
      assertThat(renewed.streams).isEmpty();
    }
  }

  private static TestCertificate certificate() {
    return TestCertificate.selfMade("", new GeneralName(GeneralName.iPAddress, "127.0.0.1"));
  }

  private static String bootstrap(String node, int port, TestCertificate authority) {
    return """
    node: {id: %s, cluster: c}
    dynamic_resources:
      ads_config:
        api_type: DELTA_GRPC
        grpc_services: [{envoy_grpc: {cluster_name: ads_cluster}}]
    static_resources:
      clusters:
      - name: ads_cluster
        load_assignment:
          endpoints:
          - lb_endpoints:
            - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}
        transport_socket:
          typed_config:
            sni: 127.0.0.1
            common_tls_context:
              validation_context: {trusted_ca: {inline_bytes: %s}}
    """
        .formatted(node, port, Base64.getEncoder().encodeToString(authority.pem().getBytes(UTF_8)));
  }
}
