package io.kumarun.kuma.translate;

import io.kumarun.proxy.config.ClusterChoice;
import io.kumarun.proxy.config.ClusterChoice.WeightedCluster;
import java.util.List;

/** A choice by weight, without those that are never chosen. */
final class WeightedClusters {
  private WeightedClusters() {}

  static ClusterChoice choice(List<WeightedCluster> clusters, FieldPath path) {
    List<WeightedCluster> chosen =
        clusters.stream().filter(cluster -> cluster.weight() > 0).toList();
    long total = chosen.stream().mapToLong(WeightedCluster::weight).sum();
    if (chosen.isEmpty() || total > Integer.MAX_VALUE) {
      throw path.rejected("weights add up to " + total, "1 to " + Integer.MAX_VALUE);
    }
    return chosen.size() == 1
        ? new ClusterChoice.Single(chosen.getFirst().cluster())
        : new ClusterChoice.Weighted(chosen);
  }
}
