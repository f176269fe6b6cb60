package io.kumarun.proxy.cluster;

import io.kumarun.proxy.config.ClusterConfig;
import io.kumarun.proxy.config.EndpointConfig;
import io.kumarun.telemetry.ProxyMetrics;
import io.kumarun.tls.TlsContexts;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * All clusters, by name, and each event loop's share of them. Any thread, where not said otherwise.
 */
public final class Clusters {
  private final ProxyMetrics metrics;
  private final Map<EventExecutor, LoopClusters> loops = new IdentityHashMap<>();
  private final Duration retirement;
  private volatile Map<String, Cluster> byName = Map.of();
  private volatile Map<String, Cluster> retired = Map.of();

  /**
   * @param retirement how long a removed cluster still serves who names it
   */
  public Clusters(
      EventLoopGroup group,
      SocketTypes sockets,
      TlsContexts tlsContexts,
      ProxyMetrics metrics,
      Duration retirement) {
    this.metrics = metrics;
    this.retirement = retirement;
    int index = 0;
    for (EventExecutor executor : group) {
      EventLoop loop = (EventLoop) executor;
      loops.put(
          loop, new LoopClusters(loop, index++, new UpstreamConnector(loop, sockets, tlsContexts)));
    }
  }

  /**
   * The cluster of that name, or null. A removed one is found for a while yet: connections that
   * drain keep the configuration they started with, and a control plane removes a cluster before it
   * sends the listener that no longer names it (clusters come first). Envoy refuses requests in
   * between (503 NC); here none is lost.
   */
  public @Nullable Cluster get(String name) {
    Cluster current = byName.get(name);
    return current != null ? current : retired.get(name);
  }

  /**
   * The share of an event loop of the group given.
   *
   * @throws IllegalArgumentException for a foreign loop
   */
  public LoopClusters on(EventExecutor loop) {
    LoopClusters share = loops.get(loop);
    if (share == null) {
      throw new IllegalArgumentException("not an event loop of this data plane: " + loop);
    }
    return share;
  }

  /**
   * Adds and changes clusters; none is removed yet, since listeners may still use it.
   *
   * @return what cannot be served, as sentences for an operator
   */
  public synchronized List<String> update(Map<String, ClusterConfig> configs) {
    List<String> problems = new ArrayList<>();
    Map<String, Cluster> next = new HashMap<>(byName);
    List<Cluster> moved = new ArrayList<>();
    List<Cluster> replaced = new ArrayList<>();
    for (ClusterConfig config : configs.values()) {
      reportNames(config, problems);
      Cluster known = next.get(config.name());
      if (known != null && known.canBecome(config)) {
        HostSet hosts = known.hosts();
        known.become(config);
        if (hosts != known.hosts()) {
          moved.add(known);
        }
      } else {
        next.put(config.name(), new Cluster(config, metrics.clusterMetrics(config.statName())));
        if (known != null) {
          replaced.add(known);
        }
      }
    }
    byName = Map.copyOf(next);
    if (moved.isEmpty() && replaced.isEmpty()) {
      return problems;
    }
    for (LoopClusters share : loops.values()) {
      share
          .loop()
          .execute(
              () -> {
                moved.forEach(share::hostsChanged);
                replaced.forEach(share::removed);
              });
    }
    return problems;
  }

  private static void reportNames(ClusterConfig config, List<String> problems) {
    if (config.discovery() != ClusterConfig.Discovery.DNS) {
      return;
    }
    for (EndpointConfig endpoint : config.endpoints()) {
      if (Host.of(endpoint) == null) {
        problems.add(
            "cluster "
                + config.name()
                + ": endpoint "
                + endpoint.address()
                + " is a host name, and names of endpoints are not resolved; it gets no traffic."
                + " Give its IP address");
      }
    }
  }

  /** Removes every other cluster; who still names them may use them for a while yet. */
  public synchronized void retainOnly(Set<String> names) {
    Map<String, Cluster> kept = new HashMap<>(byName);
    List<Cluster> removed = new ArrayList<>();
    for (Cluster cluster : byName.values()) {
      if (!names.contains(cluster.name())) {
        kept.remove(cluster.name());
        removed.add(cluster);
      }
    }
    if (removed.isEmpty()) {
      return;
    }
    Map<String, Cluster> serving = new HashMap<>(retired);
    removed.forEach(cluster -> serving.put(cluster.name(), cluster));
    retired = Map.copyOf(serving);
    byName = Map.copyOf(kept);
    for (LoopClusters share : loops.values()) {
      share
          .loop()
          .schedule(
              () -> {
                retire(removed);
                removed.forEach(share::removed);
              },
              retirement.toMillis(),
              TimeUnit.MILLISECONDS);
    }
  }

  private synchronized void retire(List<Cluster> clusters) {
    Map<String, Cluster> kept = new HashMap<>(retired);
    clusters.forEach(cluster -> kept.remove(cluster.name(), cluster));
    retired = Map.copyOf(kept);
  }
}
