package io.kumarun.kuma.translate;

import io.kumarun.kuma.dynconf.DynamicConfig;
import io.kumarun.proxy.config.Address;
import io.kumarun.proxy.config.ClusterChoice;
import io.kumarun.proxy.config.FilterChainConfig;
import io.kumarun.proxy.config.HttpConnectionConfig;
import io.kumarun.proxy.config.ListenerConfig;
import io.kumarun.proxy.config.RouteTableConfig.Route;
import io.kumarun.proxy.config.RouteTableConfig.RouteAction;
import io.kumarun.proxy.config.RouteTableConfig.VirtualHost;
import io.kumarun.proxy.config.TcpProxyConfig;
import io.kumarun.tls.ServerTls;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A listener whose secrets are names still. */
public final class TranslatedListener implements Translated {
  /**
   * A chain, and the TLS it must not be used without.
   *
   * @param chain without its TLS
   */
  record Chain(FilterChainConfig chain, @Nullable DownstreamTls tls) {}

  private final @Nullable ListenerConfig shape;
  private final List<Chain> chains;
  private final @Nullable DynamicConfig dynamicConfig;
  private final List<Note> notes;

  /**
   * @param shape without its chains; null: known, and not served
   * @param dynamicConfig null: its answers are not for the data plane itself
   */
  TranslatedListener(
      @Nullable ListenerConfig shape,
      List<Chain> chains,
      @Nullable DynamicConfig dynamicConfig,
      List<Note> notes) {
    this.shape = shape;
    this.chains = List.copyOf(chains);
    this.dynamicConfig = dynamicConfig;
    this.notes = List.copyOf(notes);
  }

  @Override
  public List<Note> notes() {
    return notes;
  }

  @Override
  public boolean served() {
    return shape != null;
  }

  /** What its answers say to the data plane itself; null: they are for others. */
  public @Nullable DynamicConfig dynamicConfig() {
    return dynamicConfig;
  }

  /** Where it listens; null if it is not served. */
  public @Nullable Address address() {
    return shape == null ? null : shape.address();
  }

  /** The secrets its chains need. */
  public Set<String> secrets() {
    Set<String> names = new LinkedHashSet<>();
    for (Chain chain : chains) {
      if (chain.tls() != null) {
        chain.tls().collectSecrets(names);
      }
    }
    return names;
  }

  /** The clusters its routes and TCP proxies name. */
  public Set<String> clusters() {
    Set<String> names = new LinkedHashSet<>();
    for (Chain chain : chains) {
      switch (chain.chain().terminal()) {
        case TcpProxyConfig tcp -> collect(tcp.cluster(), names);
        case HttpConnectionConfig http -> {
          for (VirtualHost host : http.routes().virtualHosts()) {
            for (Route route : host.routes()) {
              if (route.action() instanceof RouteAction.Forward forward) {
                collect(forward.cluster(), names);
              }
            }
          }
        }
      }
    }
    return names;
  }

  /**
   * The complete listener.
   *
   * @return null: a secret is missing, and {@code secrets} says which. No chain is left out, and
   *     none loses its TLS
   */
  public @Nullable ListenerConfig resolve(SecretLookup secrets) {
    if (shape == null) {
      return null;
    }
    List<FilterChainConfig> resolved = new ArrayList<>(chains.size());
    boolean complete = true;
    for (Chain each : chains) {
      FilterChainConfig chain = each.chain();
      ServerTls tls = each.tls() == null ? null : each.tls().resolve(secrets);
      if (each.tls() != null && tls == null) {
        complete = false;
        continue;
      }
      resolved.add(
          new FilterChainConfig(
              chain.name(), chain.match(), tls, chain.networkFilters(), chain.terminal()));
    }
    return !complete
        ? null
        : new ListenerConfig(
            shape.name(),
            shape.address(),
            shape.direction(),
            shape.bindToPort(),
            shape.inspectTls(),
            resolved,
            shape.tags());
  }

  private static void collect(ClusterChoice choice, Set<String> names) {
    switch (choice) {
      case ClusterChoice.Single single -> names.add(single.cluster());
      case ClusterChoice.Weighted weighted ->
          weighted.clusters().forEach(cluster -> names.add(cluster.cluster()));
    }
  }
}
