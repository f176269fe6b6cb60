package io.kumarun.proxy.exchange;

import io.kumarun.proxy.config.ClusterChoice;
import io.kumarun.proxy.config.ClusterChoice.WeightedCluster;
import java.util.List;
import java.util.random.RandomGenerator;

/** Picks the cluster of a request or connection. Pure. */
public final class ClusterPick {
  private ClusterPick() {}

  /** The only cluster, or one by weight. */
  public static String pick(ClusterChoice choice, RandomGenerator random) {
    return switch (choice) {
      case ClusterChoice.Single(String cluster) -> cluster;
      case ClusterChoice.Weighted(List<WeightedCluster> clusters) -> {
        int total = 0;
        for (int i = 0; i < clusters.size(); i++) {
          total += clusters.get(i).weight();
        }
        int at = random.nextInt(total);
        int index = 0;
        while (at >= clusters.get(index).weight()) {
          at -= clusters.get(index).weight();
          index++;
        }
        yield clusters.get(index).cluster();
      }
    };
  }
}
