package io.kumarun.kuma.translate;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.Thresholds;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.RoutingPriority;
import io.kumarun.proxy.config.ClusterConfig;
import io.kumarun.proxy.config.ClusterConfig.Discovery;
import io.kumarun.proxy.config.EndpointConfig;
import io.kumarun.retry.ConnectionLimits;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code Cluster} (contract §2.7). */
final class ClusterTranslator {
  /** Envoy's own default. */
  private static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private ClusterTranslator() {}

  static TranslatedCluster translate(String name, Any resource, FieldPath path) {
    Cluster cluster = path.unpack(resource, Cluster.class);
    if (!cluster.getName().equals(name)) {
      throw path.at("name").rejected(cluster.getName(), "the name it was sent under");
    }
    if (cluster.hasClusterType()) {
      throw path.at("cluster_type")
          .rejected(cluster.getClusterType().getName(), "EDS, STATIC or STRICT_DNS");
    }
    return switch (cluster.getType()) {
      case EDS -> translate(cluster, Discovery.ADDRESSES, edsName(cluster, path), path);
      case STATIC -> translate(cluster, Discovery.ADDRESSES, null, path);
      case STRICT_DNS -> translate(cluster, Discovery.DNS, null, path);
      case ORIGINAL_DST -> {
        path.note("is not served: ORIGINAL_DST needs traffic that iptables redirects");
        yield new TranslatedCluster(null, null, null, path.notes());
      }
      case LOGICAL_DNS, UNRECOGNIZED ->
          throw path.at("type").rejected(cluster.getType(), "EDS, STATIC or STRICT_DNS");
    };
  }

  private static TranslatedCluster translate(
      Cluster cluster, Discovery discovery, @Nullable String edsName, FieldPath path) {
    path.refuse(cluster.getFiltersCount() > 0, "filters");
    path.refuse(cluster.hasUpstreamConfig(), "upstream_config");
    List<EndpointConfig> endpoints =
        edsName != null
            ? List.of()
            : EndpointTranslator.endpoints(cluster.getLoadAssignment(), path.at("load_assignment"));
    UpstreamProtocol protocol = UpstreamProtocol.of(cluster, path);
    ClusterConfig shape =
        new ClusterConfig(
            cluster.getName(),
            cluster.getAltStatName().isEmpty() ? cluster.getName() : cluster.getAltStatName(),
            protocol.protocol(),
            discovery,
            null,
            connectTimeout(cluster, path),
            protocol.idleTimeout(),
            protocol.maxConnectionDuration(),
            protocol.maxStreamDuration(),
            limits(cluster, path),
            endpoints);
    return new TranslatedCluster(shape, tls(cluster, path), edsName, path.notes());
  }

  private static String edsName(Cluster cluster, FieldPath path) {
    var eds = cluster.getEdsClusterConfig();
    if (!eds.getEdsConfig().hasAds()) {
      throw path.at("eds_cluster_config.eds_config")
          .rejected(eds.getEdsConfig().getConfigSourceSpecifierCase(), "ads");
    }
    return eds.getServiceName().isEmpty() ? cluster.getName() : eds.getServiceName();
  }

  private static @Nullable UpstreamTls tls(Cluster cluster, FieldPath path) {
    if (!cluster.hasTransportSocket()) {
      // Without them the endpoints that ask for TLS would be spoken to in cleartext.
      path.refuse(
          cluster.getTransportSocketMatchesCount() > 0,
          "transport_socket_matches (without a transport_socket)");
      return null;
    }
    return TransportSocketTranslator.upstream(
        cluster.getTransportSocket(), path.at("transport_socket"));
  }

  private static Duration connectTimeout(Cluster cluster, FieldPath path) {
    if (!cluster.hasConnectTimeout()) {
      return DEFAULT_CONNECT_TIMEOUT;
    }
    Duration timeout = Values.duration(cluster.getConnectTimeout(), path.at("connect_timeout"));
    if (timeout.isZero()) {
      throw path.at("connect_timeout").rejected("0s", "a time above 0s");
    }
    return timeout;
  }

  private static ConnectionLimits limits(Cluster cluster, FieldPath path) {
    ConnectionLimits limits = ConnectionLimits.DEFAULT;
    for (Thresholds thresholds : cluster.getCircuitBreakers().getThresholdsList()) {
      if (thresholds.getPriority() != RoutingPriority.DEFAULT) {
        path.at("circuit_breakers.thresholds")
            .note("the limits of another priority than DEFAULT are not applied");
        continue;
      }
      limits =
          new ConnectionLimits(
              thresholds.hasMaxConnections()
                  ? Values.unsigned(thresholds.getMaxConnections().getValue())
                  : limits.maxConnections(),
              thresholds.hasMaxPendingRequests()
                  ? Values.unsigned(thresholds.getMaxPendingRequests().getValue())
                  : limits.maxPendingRequests(),
              thresholds.hasMaxRequests()
                  ? Values.unsigned(thresholds.getMaxRequests().getValue())
                  : limits.maxRequests(),
              thresholds.hasMaxRetries()
                  ? Values.unsigned(thresholds.getMaxRetries().getValue())
                  : limits.maxRetries());
    }
    return limits;
  }
}
