package io.kumarun.proxy.listener;

import io.kumarun.proxy.config.FilterChainConfig;
import io.kumarun.proxy.config.ListenerConfig;
import io.kumarun.telemetry.ListenerMetrics;
import io.kumarun.telemetry.ProxyMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A listener as it is configured now. Immutable but for its chains' secrets; any thread. */
final class ActiveListener {
  private final ListenerConfig config;
  private final FilterChainSelector chains;
  private final ListenerMetrics metrics;

  private ActiveListener(
      ListenerConfig config, FilterChainSelector chains, ListenerMetrics metrics) {
    this.config = config;
    this.chains = chains;
    this.metrics = metrics;
  }

  /**
   * Compiles a listener, keeping every chain of {@code before} that did not materially change, and
   * its connections with it.
   *
   * @throws IllegalArgumentException if something in it cannot be compiled
   */
  static ActiveListener compile(
      ListenerConfig config, @Nullable ActiveListener before, ProxyMetrics metrics) {
    List<FilterChain> reusable =
        before == null ? new ArrayList<>() : new ArrayList<>(before.chains.chains());
    List<FilterChain> chains = new ArrayList<>();
    for (FilterChainConfig chain : config.filterChains()) {
      chains.add(takeOver(reusable, chain, metrics));
    }
    return new ActiveListener(
        config,
        new FilterChainSelector(chains),
        metrics.listenerMetrics(config.address().toString()));
  }

  private static FilterChain takeOver(
      List<FilterChain> reusable, FilterChainConfig config, ProxyMetrics metrics) {
    for (FilterChain candidate : reusable) {
      if (candidate.canBecome(config)) {
        reusable.remove(candidate);
        candidate.become(config);
        return candidate;
      }
    }
    return FilterChain.compile(config, metrics);
  }

  ListenerConfig config() {
    return config;
  }

  FilterChainSelector chains() {
    return chains;
  }

  ListenerMetrics metrics() {
    return metrics;
  }

  int openConnections() {
    int open = 0;
    for (FilterChain chain : chains.chains()) {
      open += chain.connections().size();
    }
    return open;
  }

  /** Asks all connections to end, and those to come; cuts none off. */
  void askConnectionsToEnd() {
    for (FilterChain chain : chains.chains()) {
      chain.connections().askToEnd();
    }
  }

  /** Drains the connections of every chain that {@code after} does not have; null: of all. */
  void drainReplaced(@Nullable ActiveListener after, Duration patience) {
    for (FilterChain chain : chains.chains()) {
      if (after == null || !after.chains.chains().contains(chain)) {
        chain.connections().drain(patience);
      }
    }
  }
}
