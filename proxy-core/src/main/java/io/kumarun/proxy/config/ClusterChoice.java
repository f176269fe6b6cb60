package io.kumarun.proxy.config;

import java.util.List;

/** One cluster, or several by weight. */
public sealed interface ClusterChoice {

  record Single(String cluster) implements ClusterChoice {}

  /** Weights are positive. */
  record Weighted(List<WeightedCluster> clusters) implements ClusterChoice {
    public Weighted {
      clusters = List.copyOf(clusters);
      if (clusters.isEmpty()) {
        throw new IllegalArgumentException("weighted clusters: none given");
      }
    }
  }

  record WeightedCluster(String cluster, int weight) {}
}
