package io.kumarun.kuma;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.kumarun.kuma.ConfigAssembler.Assembly;
import io.kumarun.kuma.inspect.UnappliedField;
import io.kumarun.kuma.translate.ResourceKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What becomes of every recorded data plane: one file for each scenario in {@code golden/}. After a
 * change that is meant, {@code -Dgolden.update=true} writes them anew; the diff is for a review.
 */
class GoldenConfigTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  private final Set<String> waiting = new TreeSet<>();
  private final Set<String> rejected = new TreeSet<>();
  private final Set<String> unapplied = new TreeSet<>();

  @Test
  void everyRecordedDataplaneGetsTheConfigurationInItsGoldenFile() throws IOException {
    Map<String, StringBuilder> scenarios = new TreeMap<>();
    for (String dataplane : Recordings.dataplanes()) {
      int slash = dataplane.lastIndexOf('/');
      scenarios
          .computeIfAbsent(
              dataplane.substring(0, slash).replace('/', '-'), key -> new StringBuilder())
          .append("== ")
          .append(dataplane.substring(slash + 1))
          .append('\n')
          .append(describe(dataplane));
    }

    if (Boolean.getBoolean("golden.update")) {
      for (Map.Entry<String, StringBuilder> scenario : scenarios.entrySet()) {
        Files.createDirectories(GOLDEN);
        Files.writeString(file(scenario.getKey()), scenario.getValue());
      }
    }
    for (Map.Entry<String, StringBuilder> scenario : scenarios.entrySet()) {
      assertThat(scenario.getValue().toString())
          .as("%s; if the change is meant, run with -Dgolden.update=true", scenario.getKey())
          .isEqualTo(Files.readString(file(scenario.getKey())));
    }
    assertThat(waiting)
        .containsExactlyInAnyOrder(
            // It never asked for its secrets.
            "delta-03-nack-lds/backend",
            // It asked for them for its listeners, which are not served here, and got them then.
            "18e-tproxy-embedded-dns/frontend");
    assertThat(rejected)
        .containsExactlyInAnyOrder(
            // Its endpoints pick their TLS by metadata; without that they would get cleartext.
            "18c-legacy-externalservice/frontend cluster ext-tls: transport_socket_matches (without"
                + " a transport_socket): is not served; remove it",
            // A filter that a MeshProxyPatch put there, and that could be anything.
            "22-meshproxypatch/frontend listener outbound:127.0.0.1:10001:"
                + " filter_chains[0].filters[0].http_filters[0]:"
                + " \"envoy.filters.http.header_to_metadata"
                + " (envoy.extensions.filters.http.header_to_metadata.v3.Config)\" is not served,"
                + " expected envoy.filters.http.router, rbac, local_ratelimit, fault, grpc_stats or"
                + " Kuma's own lua");
    assertThat(unapplied)
        .containsExactlyInAnyOrderElementsOf(
            """
            an OpenTelemetry collector
            envoy.config.cluster.v3.CircuitBreakers.Thresholds.max_connection_pools
            envoy.config.cluster.v3.Cluster.common_lb_config
            envoy.config.cluster.v3.Cluster.dns_lookup_family
            envoy.config.cluster.v3.Cluster.health_checks
            envoy.config.cluster.v3.Cluster.lb_policy
            envoy.config.cluster.v3.Cluster.least_request_lb_config
            envoy.config.cluster.v3.Cluster.maglev_lb_config
            envoy.config.cluster.v3.Cluster.outlier_detection
            envoy.config.cluster.v3.Cluster.ring_hash_lb_config
            envoy.config.core.v3.Locality.sub_zone
            envoy.config.endpoint.v3.ClusterLoadAssignment.policy
            envoy.config.endpoint.v3.LocalityLbEndpoints.load_balancing_weight
            envoy.config.route.v3.RouteAction.hash_policy
            envoy.config.route.v3.RouteAction.retry_policy
            envoy.extensions.common.matching.v3.ExtensionWithMatcher.xds_matcher
            envoy.extensions.filters.http.fault.v3.HTTPFault
            envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit
            envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.access_log
            envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.tracing
            envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit
            envoy.extensions.filters.network.set_filter_state.v3.Config
            envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.access_log
            is not served: ORIGINAL_DST needs traffic that iptables redirects
            is not served: bind_to_port is false, it needs traffic that iptables redirects
            is not served: it is a UDP listener
            is not served: use_original_dst needs traffic that iptables redirects
            metrics for OpenTelemetry
            metrics for Prometheus
            metrics of applications
            names of the mesh
            routes by filter_state are left out: their limits and time-outs do not apply
            """
                .lines()
                .toList());
    try (Stream<Path> files = Files.list(GOLDEN)) {
      assertThat(files).hasSameSizeAs(scenarios.keySet());
    }
  }

  private static Path file(String scenario) {
    return GOLDEN.resolve(scenario + ".txt");
  }

  /** Collects on the way what the other assertions are about. */
  private String describe(String dataplane) {
    ResourceStore store = new ResourceStore();
    DeltaSession session = new DeltaSession(Node.getDefaultInstance(), store);
    session.opened();
    for (DeltaDiscoveryResponse response : Recordings.responses(dataplane)) {
      session.received(response);
    }
    Assembly assembly = new ConfigAssembler().assemble(store);
    if (!assembly.waiting().isEmpty()) {
      waiting.add(dataplane);
    }
    StringBuilder text = new StringBuilder(ConfigText.of(assembly.config()));
    for (ResourceKind kind : ResourceKind.values()) {
      for (String reason : store.rejections(kind).values()) {
        text.append("rejected ").append(reason).append('\n');
        rejected.add(dataplane + " " + reason);
      }
    }
    if (store.dynamicConfig() != null) {
      text.append(ConfigText.inline(store.dynamicConfig())).append('\n');
    }
    Map<String, Integer> counts = new TreeMap<>();
    for (UnappliedField field : store.unapplied()) {
      counts.merge(field.feature(), 1, Integer::sum);
      unapplied.add(field.feature());
    }
    counts.forEach(
        (feature, count) ->
            text.append("unapplied ").append(count).append(" x ").append(feature).append('\n'));
    return text.toString();
  }
}
