package io.kumarun.kuma.translate;

import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.kumarun.proxy.config.ClusterChoice;
import io.kumarun.proxy.config.ClusterChoice.WeightedCluster;
import io.kumarun.proxy.config.TcpProxyConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** {@code envoy.filters.network.tcp_proxy} (contract §3.2). */
final class TcpProxyTranslator {
  /** Envoy's own default. */
  private static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofHours(1);

  private TcpProxyTranslator() {}

  static TcpProxyConfig translate(TcpProxy source, FieldPath path) {
    path.refuse(source.hasMetadataMatch(), "metadata_match");
    path.refuse(source.hasTunnelingConfig(), "tunneling_config");
    path.refuse(source.hasOnDemand(), "on_demand");
    return new TcpProxyConfig(
        source.getStatPrefix(),
        cluster(source, path),
        source.hasIdleTimeout()
            ? Values.duration(source.getIdleTimeout(), path.at("idle_timeout"))
            : DEFAULT_IDLE_TIMEOUT,
        source.hasMaxConnectAttempts()
            ? Math.max(1, Values.unsigned(source.getMaxConnectAttempts().getValue()))
            : 1);
  }

  private static ClusterChoice cluster(TcpProxy source, FieldPath path) {
    return switch (source.getClusterSpecifierCase()) {
      case CLUSTER -> new ClusterChoice.Single(source.getCluster());
      case WEIGHTED_CLUSTERS -> {
        List<WeightedCluster> clusters = new ArrayList<>();
        for (TcpProxy.WeightedCluster.ClusterWeight each :
            source.getWeightedClusters().getClustersList()) {
          path.refuse(each.hasMetadataMatch(), "weighted_clusters metadata_match");
          clusters.add(new WeightedCluster(each.getName(), Values.unsigned(each.getWeight())));
        }
        yield WeightedClusters.choice(clusters, path.at("weighted_clusters"));
      }
      case CLUSTERSPECIFIER_NOT_SET ->
          throw path.rejected("names no cluster, expected cluster or weighted_clusters");
    };
  }
}
