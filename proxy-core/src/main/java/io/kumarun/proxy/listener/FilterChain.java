package io.kumarun.proxy.listener;

import io.kumarun.proxy.config.FilterChainConfig;
import io.kumarun.proxy.config.FilterChainConfig.NetworkFilterConfig;
import io.kumarun.proxy.config.FilterChainMatch;
import io.kumarun.proxy.config.HttpConnectionConfig;
import io.kumarun.proxy.config.TcpProxyConfig;
import io.kumarun.proxy.exchange.HttpChain;
import io.kumarun.proxy.permission.ConnectionFacts;
import io.kumarun.proxy.permission.PermissionPolicy;
import io.kumarun.proxy.tcp.TcpChain;
import io.kumarun.telemetry.ProxyMetrics;
import io.kumarun.telemetry.RbacMetrics;
import io.kumarun.tls.ServerTls;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A compiled filter chain and the connections on it. New secrets come in place, for the handshakes
 * to follow; any other change makes a new chain, and the connections of the old one drain. Any
 * thread.
 */
final class FilterChain {
  private final Terminal terminal;
  private final List<PermissionPolicy> permissions;
  private final RbacMetrics permissionMetrics;
  private final ConnectionSet connections = new ConnectionSet();
  private volatile FilterChainConfig config;

  private FilterChain(
      FilterChainConfig config,
      Terminal terminal,
      List<PermissionPolicy> permissions,
      RbacMetrics permissionMetrics) {
    this.config = config;
    this.terminal = terminal;
    this.permissions = permissions;
    this.permissionMetrics = permissionMetrics;
  }

  /**
   * @throws IllegalArgumentException if a regular expression is not RE2
   */
  static FilterChain compile(FilterChainConfig config, ProxyMetrics metrics) {
    List<PermissionPolicy> permissions = new ArrayList<>();
    for (NetworkFilterConfig filter : config.networkFilters()) {
      switch (filter) {
        case NetworkFilterConfig.Rbac(var permission) ->
            permissions.add(PermissionPolicy.compile(permission));
      }
    }
    Terminal terminal =
        switch (config.terminal()) {
          case HttpConnectionConfig http ->
              new Terminal.Http(HttpChain.compile(http, metrics.httpMetrics(http.statPrefix())));
          case TcpProxyConfig tcp ->
              new Terminal.Tcp(new TcpChain(tcp, metrics.tcpMetrics(tcp.statPrefix())));
        };
    return new FilterChain(config, terminal, List.copyOf(permissions), metrics.tcpRbacMetrics());
  }

  FilterChainMatch match() {
    return config.match();
  }

  @Nullable ServerTls tls() {
    return config.tls();
  }

  Terminal terminal() {
    return terminal;
  }

  ConnectionSet connections() {
    return connections;
  }

  /**
   * Why a connection is refused by its network filters.
   *
   * @return null: it is not
   */
  @Nullable String refusal(ConnectionFacts facts) {
    for (PermissionPolicy permission : permissions) {
      PermissionPolicy.Decision decision = permission.decide(facts);
      if (!decision.allowed()) {
        permissionMetrics.denied();
        String policy = decision.policy().isEmpty() ? "none" : decision.policy();
        return "rbac_access_denied_matched_policy[" + policy + "]";
      }
      permissionMetrics.allowed();
    }
    return null;
  }

  /** Whether {@code next} differs in nothing but the bytes of secrets. */
  boolean canBecome(FilterChainConfig next) {
    return comparable(config).equals(comparable(next));
  }

  void become(FilterChainConfig next) {
    config = next;
  }

  /**
   * Names of secrets and accepted identities count, the bytes of certificates and bundles do not.
   */
  private static List<Object> comparable(FilterChainConfig config) {
    List<Object> parts = new ArrayList<>();
    parts.add(config.match());
    parts.add(config.networkFilters());
    parts.add(config.terminal());
    ServerTls tls = config.tls();
    if (tls != null) {
      parts.add(tls.certificate().name());
      parts.add(tls.requireClientCertificate());
      parts.add(tls.alpnProtocols());
      parts.add(tls.parameters());
      parts.add(tls.peerValidation() != null);
      parts.add(tls.peerValidation() == null ? List.of() : tls.peerValidation().accepted());
    }
    return parts;
  }

  /** What stands at the end of a chain. */
  sealed interface Terminal {
    record Http(HttpChain chain) implements Terminal {}

    record Tcp(TcpChain chain) implements Terminal {}
  }
}
