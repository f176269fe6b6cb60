package io.kumarun.sidecar.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumarun.kuma.inspect.ControlPlaneStatus;
import io.kumarun.kuma.inspect.Inventory;
import io.kumarun.kuma.inspect.UnappliedField;
import io.kumarun.proxy.config.Address;
import io.kumarun.proxy.config.ClusterChoice;
import io.kumarun.proxy.config.ClusterConfig;
import io.kumarun.proxy.config.EndpointConfig;
import io.kumarun.proxy.config.FilterChainConfig;
import io.kumarun.proxy.config.FilterChainMatch;
import io.kumarun.proxy.config.ListenerConfig;
import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.proxy.config.PermissionConfig;
import io.kumarun.proxy.config.PermissionConfig.Condition;
import io.kumarun.proxy.config.PermissionConfig.StringMatch;
import io.kumarun.proxy.config.TcpProxyConfig;
import io.kumarun.retry.ConnectionLimits;
import io.kumarun.telemetry.ProxyMetrics;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AdminPagesTest {
  private static final String HOSTILE = "<script>alert(1)</script>\" onload='x'\n::forged::";

  private final ProxyMetrics metrics = new ProxyMetrics();
  private volatile ServerState state = ServerState.LIVE;
  private volatile TrafficStatus traffic = TrafficStatus.NONE;
  private final AdminSource source = new Source();
  private final AdminPages local = AdminPages.ofReadinessPort(source);
  private final AdminPages envoy = AdminPages.ofEnvoy(source);

  @Test
  void namesOfOthersStayTextOnThePageForPeople() throws IOException {
    String html = body(get(local, "/"));

    assertThat(html)
        .doesNotContain("<script", "onload='x'", "\" onload")
        .contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39;");
    assertThat(get(local, "/").headers())
        .containsEntry("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
  }

  @Test
  void thePageForPeopleHasEverySection() throws IOException {
    assertThat(body(get(local, "/")))
        .contains(
            "READY",
            "Identity (0)",
            "<span class=\"bad\">not connected</span> to cp:5678 since 2026-03-01T10:00:00Z",
            "UNAVAILABLE: gone",
            "Refused (NACK) (0)",
            "Waits (1)",
            "Accepted, not applied (1)",
            "Listeners (1)",
            "<li>allows (peer spiffe://m/a or not (any peer with a certificate)); policy &lt;script",
            "<li>denies everybody else</li>",
            "Clusters (1)",
            "0 of 1 endpoints healthy",
            "10.0.0.1:80");
  }

  @Test
  void whatIsNotBoundAndWhatCannotBeServedAreOnThePageForPeople() throws IOException {
    assertThat(body(get(local, "/")))
        .contains("Cannot be served (0)")
        .doesNotContain("virtual: this address");

    traffic = new TrafficStatus(List.of("listener x cannot be served"), Set.of(HOSTILE));

    assertThat(body(get(local, "/")))
        .contains("<h2>Cannot be served (1)</h2>", "<li>listener x cannot be served</li>")
        .contains(" (virtual: this address is not one of this host&#39;s)</summary>");
  }

  @Test
  void aNameCannotForgeALineOrAStringOfJson() throws IOException {
    assertThat(body(get(local, "/clusters")).lines())
        .noneMatch(line -> line.startsWith("::forged"))
        .anyMatch(line -> line.endsWith("10.0.0.1:80::health_flags::/failed_eds_health"));
    assertThat(body(get(local, "/listeners")).lines()).hasSize(1);
    assertThat(body(get(local, "/unapplied")).lines()).hasSize(1);
    metrics.clusterMetrics(HOSTILE).requestStarted();
    assertThat(body(get(local, "/stats?format=json&filter=upstream_rq_total")))
        .contains("\\\" onload='x'\\u000a::forged::.upstream_rq_total\",\"value\":1}");
    assertThat(body(get(local, "/stats?filter=upstream_rq_total")).lines())
        .noneMatch(line -> line.startsWith("::forged"));
  }

  @Test
  void readySpeaksKumaOnOneAddressAndEnvoyOnTheOther() throws IOException {
    assertReady(ServerState.INITIALIZING, 503, "NOT_READY", "INITIALIZING\n");
    assertReady(ServerState.LIVE, 200, "READY", "LIVE\n");
    assertReady(ServerState.DRAINING, 503, "TERMINATING", "DRAINING\n");
  }

  @Test
  void onlyProbesAndScrapersMayUseANameOfThisMachine() {
    assertThat(local.answer(AdminRequest.of("GET", "/", "evil.example:9902")).status())
        .isEqualTo(403);
    for (String host : List.of("", "localhost", "127.0.0.1:9902", "[::1]:9902", "10.1.2.3")) {
      assertThat(local.answer(AdminRequest.of("GET", "/help", host)).status()).isEqualTo(200);
    }
    assertThat(local.answer(AdminRequest.of("GET", "/metrics", "pod.example")).status())
        .isEqualTo(200);
    assertThat(envoy.answer(AdminRequest.of("GET", "/stats", "anything")).status()).isEqualTo(200);
  }

  @Test
  void nothingIsChangedByThesePages() throws IOException {
    Answer post = envoy.answer(AdminRequest.of("POST", "/quitquitquit", ""));
    assertThat(post.status()).isEqualTo(405);
    assertThat(post.headers()).containsEntry("allow", "GET, HEAD");
    assertThat(get(envoy, "/quitquitquit").status()).isEqualTo(404);
    assertThat(body(get(envoy, "/nothing"))).contains("/config_dump");
  }

  @Test
  void wrongParametersAreNamed() {
    assertThatThrownBy(() -> get(envoy, "/stats?format=xml"))
        .hasMessageContaining("\"xml\"")
        .hasMessageContaining("prometheus");
    assertThatThrownBy(() -> get(envoy, "/stats?filter=("))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> get(envoy, "/config_dump?mask=x"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void statisticsHaveEnvoysNamesAndCanBeNarrowed() throws IOException {
    metrics.clusterMetrics("backend").requestStarted();
    metrics.clusterMetrics("backend").responseTime(7);

    assertThat(body(get(envoy, "/stats?usedonly&filter=^cluster\\.backend\\.upstream_rq")))
        .contains("cluster.backend.upstream_rq_total: 1\n", "cluster.backend.upstream_rq_time: P0")
        .doesNotContain("retry");
    assertThat(body(get(envoy, "/stats?format=prometheus"))).isEqualTo(metrics.scrape());
  }

  private void assertReady(ServerState now, int status, String kuma, String envoys)
      throws IOException {
    state = now;
    assertThat(get(local, "/ready").status()).isEqualTo(status);
    assertThat(body(get(local, "/ready"))).isEqualTo(kuma);
    assertThat(get(envoy, "/ready").status()).isEqualTo(status);
    assertThat(body(get(envoy, "/ready"))).isEqualTo(envoys);
  }

  private static Answer get(AdminPages pages, String target) {
    return pages.answer(AdminRequest.of("GET", target, "127.0.0.1"));
  }

  private static String body(Answer answer) throws IOException {
    StringBuilder out = new StringBuilder();
    answer.body().writeTo(out);
    return out.toString();
  }

  private static PermissionConfig permission() {
    return new PermissionConfig(
        List.of(
            new PermissionConfig.Rule(
                HOSTILE,
                new Condition.AnyOf(
                    List.of(
                        new Condition.UriSan(new StringMatch.Exact("spiffe://m/a")),
                        new Condition.Not(new Condition.Authenticated()))),
                PermissionConfig.Action.ALLOW)),
        new PermissionConfig.Verdict("", PermissionConfig.Action.DENY),
        null);
  }

  private static MeshConfig hostileConfig() {
    Duration second = Duration.ofSeconds(1);
    ClusterConfig cluster =
        new ClusterConfig(
            HOSTILE,
            HOSTILE,
            ClusterConfig.Protocol.HTTP2,
            ClusterConfig.Discovery.ADDRESSES,
            null,
            second,
            second,
            second,
            second,
            ConnectionLimits.DEFAULT,
            List.of(
                new EndpointConfig(
                    new Address.Socket("10.0.0.1", 80), 1, 0, false, HOSTILE, Map.of(), Map.of())));
    ListenerConfig listener =
        new ListenerConfig(
            HOSTILE,
            new Address.Pipe("/" + HOSTILE),
            ListenerConfig.Direction.OUTBOUND,
            true,
            false,
            List.of(
                new FilterChainConfig(
                    HOSTILE,
                    new FilterChainMatch(0, List.of(HOSTILE), null, List.of(HOSTILE)),
                    null,
                    List.of(new FilterChainConfig.NetworkFilterConfig.Rbac(permission())),
                    new TcpProxyConfig(HOSTILE, new ClusterChoice.Single(HOSTILE), second, 1))),
            Map.of());
    return new MeshConfig(Map.of(HOSTILE, listener), Map.of(HOSTILE, cluster));
  }

  private final class Source implements AdminSource {
    @Override
    public ServerState state() {
      return state;
    }

    @Override
    public TrafficStatus traffic() {
      return traffic;
    }

    @Override
    public Inventory inventory() {
      return new Inventory(
          Inventory.EMPTY.node(),
          "",
          Instant.EPOCH,
          new ControlPlaneStatus("cp:5678", true, Instant.EPOCH, "", null)
              .lost("UNAVAILABLE: gone " + HOSTILE, Instant.parse("2026-03-01T10:00:00Z")),
          Map.of(),
          hostileConfig(),
          List.of("listener " + HOSTILE + " waits"),
          List.of(
              new UnappliedField("listener", HOSTILE, "metadata[\"" + HOSTILE + "\"]", HOSTILE)));
    }

    @Override
    public ProxyMetrics metrics() {
      return metrics;
    }

    @Override
    public String version() {
      return "1";
    }

    @Override
    public long uptimeSeconds() {
      return 1;
    }

    @Override
    public int eventLoops() {
      return 1;
    }
  }
}
