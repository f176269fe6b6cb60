package io.kumarun.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.telemetry.ClusterMetrics.RemainingCapacity;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProxyMetricsTest {
  private final ProxyMetrics metrics = new ProxyMetrics();

  @Test
  void clusterCountersKeepEnvoysNamesAndLabels() {
    ClusterMetrics backend = metrics.clusterMetrics("backend_svc_80");
    backend.connectionOpened(true);
    backend.sslHandshake();
    backend.requestStarted();
    backend.response(204);
    backend.response(503);

    assertThat(metrics.scrape().lines())
        .contains(
            "# TYPE envoy_cluster_upstream_rq_xx counter",
            "envoy_cluster_upstream_rq_xx{envoy_cluster_name=\"backend_svc_80\",envoy_response_code_class=\"2\"}"
                + " 1",
            "envoy_cluster_upstream_rq_xx{envoy_cluster_name=\"backend_svc_80\",envoy_response_code_class=\"5\"}"
                + " 1",
            "envoy_cluster_upstream_rq_total{envoy_cluster_name=\"backend_svc_80\"} 1",
            "# TYPE envoy_cluster_upstream_rq_active gauge",
            "envoy_cluster_upstream_rq_active{envoy_cluster_name=\"backend_svc_80\"} 1",
            "envoy_cluster_upstream_cx_http2_total{envoy_cluster_name=\"backend_svc_80\"} 1",
            "envoy_cluster_ssl_handshake{envoy_cluster_name=\"backend_svc_80\"} 1");
  }

  @Test
  void httpCountersKeepEnvoysNamesAndLabels() {
    HttpMetrics inbound = metrics.httpMetrics("127.0.0.1_8080");
    inbound.connectionOpened(false, true);
    inbound.requestStarted(false);
    inbound.rbacDenied();
    inbound.requestEnded(403, 7);

    assertThat(metrics.scrape().lines())
        .contains(
            "envoy_http_downstream_rq_xx{envoy_http_conn_manager_prefix=\"127.0.0.1_8080\",envoy_response_code_class=\"4\"}"
                + " 1",
            "envoy_http_downstream_rq_total{envoy_http_conn_manager_prefix=\"127.0.0.1_8080\"} 1",
            "envoy_http_downstream_rq_active{envoy_http_conn_manager_prefix=\"127.0.0.1_8080\"} 0",
            "envoy_http_rbac_denied{envoy_http_conn_manager_prefix=\"127.0.0.1_8080\"} 1",
            "envoy_http_downstream_cx_ssl_total{envoy_http_conn_manager_prefix=\"127.0.0.1_8080\"}"
                + " 1");
  }

  @Test
  void histogramsAreCumulativeInEnvoysBuckets() {
    ClusterMetrics backend = metrics.clusterMetrics("c");
    backend.responseTime(0);
    backend.responseTime(7);
    backend.responseTime(7_200_000);

    assertThat(metrics.scrape().lines())
        .containsSubsequence(
            "# TYPE envoy_cluster_upstream_rq_time histogram",
            "envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name=\"c\",le=\"0.5\"} 1",
            "envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name=\"c\",le=\"5\"} 1",
            "envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name=\"c\",le=\"10\"} 2",
            "envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name=\"c\",le=\"3600000\"} 2",
            "envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name=\"c\",le=\"+Inf\"} 3",
            "envoy_cluster_upstream_rq_time_sum{envoy_cluster_name=\"c\"} 7200007",
            "envoy_cluster_upstream_rq_time_count{envoy_cluster_name=\"c\"} 3");
  }

  @Test
  void theSameNameGivesTheSameHandle() {
    assertThat(metrics.clusterMetrics("c")).isSameAs(metrics.clusterMetrics("c"));
    assertThat(metrics.httpMetrics("h")).isSameAs(metrics.httpMetrics("h"));
    assertThat(metrics.listenerMetrics("l")).isSameAs(metrics.listenerMetrics("l"));
    assertThat(metrics.tcpMetrics("t")).isSameAs(metrics.tcpMetrics("t"));
  }

  @Test
  void aRemovedClusterLeavesTheScrapeAndStartsAnewWhenItComesBack() {
    metrics.clusterMetrics("stays").requestStarted();
    ClusterMetrics gone = metrics.clusterMetrics("gone");
    gone.requestStarted();

    metrics.retainClusters(Set.of("stays"));

    assertThat(metrics.scrape()).contains("\"stays\"").doesNotContain("\"gone\"");
    gone.requestEnded();
    metrics.clusterMetrics("gone").requestStarted();
    assertThat(metrics.scrape().lines())
        .contains("envoy_cluster_upstream_rq_total{envoy_cluster_name=\"gone\"} 1");
  }

  @Test
  void aClusterThatNobodyUsedShowsItsMembersOnly() {
    ClusterMetrics unused = metrics.clusterMetrics("unused");
    unused.membership(3, 2);
    assertThat(metrics.scrape().lines())
        .filteredOn(line -> line.contains("\"unused\""))
        .containsExactly(
            "envoy_cluster_membership_healthy{envoy_cluster_name=\"unused\"} 2",
            "envoy_cluster_membership_total{envoy_cluster_name=\"unused\"} 3");

    metrics.retainClusters(Set.of());
    unused.requestStarted();

    assertThat(metrics.scrape()).doesNotContain("\"unused\"");
  }

  @Test
  void circuitBreakerGaugesFollowTheLimits() {
    ClusterMetrics cluster = metrics.clusterMetrics("c");
    cluster.capacity(new RemainingCapacity(() -> 0, () -> 5, () -> 7, () -> 3));
    cluster.requestStarted();

    assertThat(metrics.scrape().lines())
        .contains(
            "envoy_cluster_circuit_breakers_default_cx_open{envoy_cluster_name=\"c\"} 1",
            "envoy_cluster_circuit_breakers_default_remaining_cx{envoy_cluster_name=\"c\"} 0",
            "envoy_cluster_circuit_breakers_default_rq_open{envoy_cluster_name=\"c\"} 0",
            "envoy_cluster_circuit_breakers_default_remaining_rq{envoy_cluster_name=\"c\"} 7");
  }

  @Test
  void aGaugeOfTheProcessIsReadAtEachScrape() {
    double[] live = {0};
    metrics.gauge("server_live", () -> live[0]);
    assertThat(metrics.scrape().lines()).contains("envoy_server_live{} 0");
    live[0] = 1;
    assertThat(metrics.scrape().lines()).contains("envoy_server_live{} 1");
  }

  @Test
  void aLabelCannotBreakOutOfItsQuotes() {
    metrics.listenerMetrics("a\"} 1\nb\\");
    assertThat(metrics.scrape())
        .contains(
            "envoy_listener_downstream_cx_total{envoy_listener_address=\"a\\\"} 1\\nb\\\\\"} 0");
  }

  @Test
  void statisticsHaveTheDottedNamesOfEnvoy() {
    ProxyMetrics proxy = new ProxyMetrics();
    proxy.clusterMetrics("a").requestStarted();
    proxy.clusterMetrics("a").responseTime(3);
    proxy.listenerMetrics("127.0.0.1:80").sslHandshake();
    proxy.httpMetrics("in").requestEnded(204, 1);
    proxy.gauge("server_live", () -> 1);

    assertThat(proxy.stats())
        .contains(
            new Stat.Number("cluster.a.upstream_rq_total", 1),
            new Stat.Number("cluster.a.circuit_breakers.default.remaining_rq", 1024),
            new Stat.Number("listener.127.0.0.1_80.ssl.handshake", 1),
            new Stat.Number("http.in.downstream_rq_2xx", 1),
            new Stat.Number("server.live", 1));
    assertThat(proxy.stats())
        .filteredOn(stat -> stat.name().equals("cluster.a.upstream_rq_time"))
        .singleElement()
        .satisfies(
            stat ->
                assertThat(((Stat.Histogram) stat).quantiles())
                    .hasSize(Stat.QUANTILES.size())
                    .allSatisfy(value -> assertThat(value).isBetween(1.0, 5.0)));
  }
}
