package io.kumarun.kuma.translate;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.network.set_filter_state.v3.Config;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.kumarun.proxy.config.FilterChainConfig;
import io.kumarun.proxy.config.FilterChainConfig.NetworkFilterConfig;
import io.kumarun.proxy.config.FilterChainConfig.TerminalConfig;
import io.kumarun.proxy.config.FilterChainMatch;
import io.kumarun.proxy.config.FilterChainMatch.Transport;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A filter chain: its match, its TLS and its network filters (contract §4.2). */
final class FilterChainTranslator {
  private static final String SERVED =
      "envoy.filters.network.http_connection_manager, tcp_proxy, rbac, local_ratelimit or"
          + " set_filter_state";

  private FilterChainTranslator() {}

  static TranslatedListener.Chain translate(FilterChain source, FieldPath path) {
    DownstreamTls tls =
        source.hasTransportSocket()
            ? TransportSocketTranslator.downstream(
                source.getTransportSocket(), path.at("transport_socket"))
            : null;
    int last = source.getFiltersCount() - 1;
    if (last < 0) {
      throw path.at("filters").rejected("is empty, expected a filter that takes the connection");
    }
    List<NetworkFilterConfig> filters = new ArrayList<>();
    for (int i = 0; i < last; i++) {
      NetworkFilterConfig filter = networkFilter(source.getFilters(i), path.at("filters", i));
      if (filter != null) {
        filters.add(filter);
      }
    }
    FilterChainConfig chain =
        new FilterChainConfig(
            source.getName(),
            match(source.getFilterChainMatch(), path.at("filter_chain_match")),
            null,
            filters,
            terminal(source.getFilters(last), path.at("filters", last)));
    return new TranslatedListener.Chain(chain, tls);
  }

  private static FilterChainMatch match(
      io.envoyproxy.envoy.config.listener.v3.FilterChainMatch source, FieldPath path) {
    path.known(source);
    path.refuse(source.getPrefixRangesCount() > 0, "prefix_ranges");
    path.refuse(!source.getAddressSuffix().isEmpty(), "address_suffix");
    path.refuse(source.getDirectSourcePrefixRangesCount() > 0, "direct_source_prefix_ranges");
    path.refuse(source.getSourceTypeValue() != 0, "source_type");
    path.refuse(source.getSourcePrefixRangesCount() > 0, "source_prefix_ranges");
    path.refuse(source.getSourcePortsCount() > 0, "source_ports");
    return new FilterChainMatch(
        source.getDestinationPort().getValue(),
        List.copyOf(source.getServerNamesList()),
        transport(source.getTransportProtocol(), path.at("transport_protocol")),
        List.copyOf(source.getApplicationProtocolsList()));
  }

  private static @Nullable Transport transport(String protocol, FieldPath path) {
    return switch (protocol) {
      case "" -> null;
      case "raw_buffer" -> Transport.RAW_BUFFER;
      case "tls" -> Transport.TLS;
      default -> throw path.rejected(protocol, "raw_buffer or tls");
    };
  }

  /** Null: a filter that is left out. */
  private static @Nullable NetworkFilterConfig networkFilter(Filter filter, FieldPath path) {
    Any config = filter.getTypedConfig();
    if (config.is(RBAC.class)) {
      RBAC rbac = path.known(path.unpack(config, RBAC.class));
      var permission =
          PermissionTranslator.translate(
              rbac.hasRules() ? rbac.getRules() : null,
              rbac.hasMatcher() ? rbac.getMatcher() : null,
              rbac.hasShadowRules() ? rbac.getShadowRules() : null,
              rbac.hasShadowMatcher() ? rbac.getShadowMatcher() : null,
              path);
      return permission == null ? null : new NetworkFilterConfig.Rbac(permission);
    }
    if (config.is(LocalRateLimit.class)
        || config.is(Config.class) // set_filter_state
        || FieldPath.typeName(config).equals(AppliedFields.KAFKA_BROKER)) {
      return null;
    }
    throw unknown(filter, path);
  }

  private static TerminalConfig terminal(Filter filter, FieldPath path) {
    Any config = filter.getTypedConfig();
    if (config.is(HttpConnectionManager.class)) {
      return HttpConnectionTranslator.translate(
          path.unpack(config, HttpConnectionManager.class), path);
    }
    if (config.is(TcpProxy.class)) {
      return TcpProxyTranslator.translate(path.unpack(config, TcpProxy.class), path);
    }
    throw unknown(filter, path);
  }

  private static ResourceRejectedException unknown(Filter filter, FieldPath path) {
    return path.rejected(
        filter.getName() + " (" + FieldPath.typeName(filter.getTypedConfig()) + ")", SERVED);
  }
}
