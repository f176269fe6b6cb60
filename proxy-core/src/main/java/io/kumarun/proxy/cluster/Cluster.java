package io.kumarun.proxy.cluster;

import io.kumarun.proxy.config.ClusterConfig;
import io.kumarun.retry.ConnectionBudget;
import io.kumarun.telemetry.ClusterMetrics;

/**
 * A cluster while it is configured: what all event loops share of it. New endpoints and new secrets
 * come in place, and existing connections stay; any other change makes a new {@code Cluster}, and
 * the old one's connections drain. Any thread.
 */
public final class Cluster {
  private final ConnectionBudget budget;
  private final ClusterMetrics metrics;
  private volatile ClusterConfig config;
  private volatile HostSet hosts;
  private volatile boolean gone;

  Cluster(ClusterConfig config, ClusterMetrics metrics) {
    this.config = config;
    this.metrics = metrics;
    this.budget = new ConnectionBudget(config.limits());
    this.hosts = HostSet.EMPTY.next(config.endpoints());
    metrics.capacity(
        new ClusterMetrics.RemainingCapacity(
            budget::remainingConnections,
            budget::remainingPending,
            budget::remainingRequests,
            budget::remainingRetries));
    countMembers();
  }

  private void countMembers() {
    int healthy = 0;
    for (Host host : hosts.all()) {
      healthy += host.config().healthy() ? 1 : 0;
    }
    metrics.membership(hosts.all().size(), healthy);
  }

  public String name() {
    return config.name();
  }

  public ClusterConfig config() {
    return config;
  }

  /** It was replaced or removed: who still holds it may finish, nothing is kept for it. */
  void markGone() {
    gone = true;
  }

  boolean isGone() {
    return gone;
  }

  HostSet hosts() {
    return hosts;
  }

  public ConnectionBudget budget() {
    return budget;
  }

  public ClusterMetrics metrics() {
    return metrics;
  }

  /** Whether {@code next} differs in nothing but endpoints and secrets. */
  boolean canBecome(ClusterConfig next) {
    return ClusterChange.withoutEndpointsAndSecrets(config)
        .equals(ClusterChange.withoutEndpointsAndSecrets(next));
  }

  /** Takes over endpoints and secrets. Called by one thread at a time. */
  void become(ClusterConfig next) {
    if (!next.endpoints().equals(config.endpoints())) {
      hosts = hosts.next(next.endpoints());
      countMembers();
    }
    config = next;
  }
}
