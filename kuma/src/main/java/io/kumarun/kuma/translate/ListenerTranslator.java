package io.kumarun.kuma.translate;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.kumarun.kuma.dynconf.DynamicConfig;
import io.kumarun.proxy.config.Address;
import io.kumarun.proxy.config.FilterChainMatch;
import io.kumarun.proxy.config.ListenerConfig;
import io.kumarun.proxy.config.ListenerConfig.Direction;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code Listener} (contract §3.0, §4.11). A listener on a pipe is kept and never bound: what it
 * answers (dynconf) is read from its routes.
 */
final class ListenerTranslator {
  private ListenerTranslator() {}

  static TranslatedListener translate(String name, Any resource, FieldPath path) {
    Listener listener = path.unpack(resource, Listener.class);
    if (!listener.getName().equals(name)) {
      throw path.at("name").rejected(listener.getName(), "the name it was sent under");
    }
    String reason = notServed(listener);
    if (reason != null) {
      path.note("is not served: " + reason);
      return new TranslatedListener(null, List.of(), null, path.notes());
    }
    path.refuse(listener.hasFilterChainMatcher(), "filter_chain_matcher");
    path.refuse(listener.hasDefaultFilterChain(), "default_filter_chain");
    Address address = Values.address(listener.getAddress(), path.at("address"));
    ListenerConfig shape =
        new ListenerConfig(
            name,
            address,
            direction(listener),
            address instanceof Address.Socket,
            inspectTls(listener, path),
            List.of(),
            Values.metadata(listener.getMetadata(), "io.kuma.tags"));
    List<TranslatedListener.Chain> chains = chains(listener, path);
    DynamicConfig dynamicConfig = DynamicConfigTranslator.translate(address, chains, path);
    return new TranslatedListener(shape, chains, dynamicConfig, path.notes());
  }

  /**
   * Listeners that only make sense where iptables redirects traffic to them, DNS, and those of zone
   * proxies: they alone pick their chains by SNI.
   */
  private static @Nullable String notServed(Listener listener) {
    if (listener.getUseOriginalDst().getValue()) {
      return "use_original_dst needs traffic that iptables redirects";
    }
    SocketAddress socket = listener.getAddress().getSocketAddress();
    if (socket.getProtocol() == SocketAddress.Protocol.UDP) {
      return "it is a UDP listener";
    }
    if (!bindToPort(listener)) {
      return "bind_to_port is false, it needs traffic that iptables redirects";
    }
    if (listener.getTrafficDirection() == TrafficDirection.INBOUND
        && listener.getFilterChainsList().stream()
            .anyMatch(chain -> chain.getFilterChainMatch().getServerNamesCount() > 0)) {
      return "it is a zone proxy's (networking.listeners)";
    }
    boolean portZero =
        listener.getAddress().hasSocketAddress()
            && socket.getPortSpecifierCase() != SocketAddress.PortSpecifierCase.NAMED_PORT
            && socket.getPortValue() == 0;
    return portZero ? "its port is 0" : null;
  }

  private static List<TranslatedListener.Chain> chains(Listener listener, FieldPath path) {
    if (listener.getFilterChainsCount() == 0) {
      throw path.at("filter_chains").rejected("is empty");
    }
    List<TranslatedListener.Chain> chains = new ArrayList<>();
    Set<FilterChainMatch> matches = new HashSet<>();
    for (int i = 0; i < listener.getFilterChainsCount(); i++) {
      FieldPath at = path.at("filter_chains", i);
      TranslatedListener.Chain chain =
          FilterChainTranslator.translate(listener.getFilterChains(i), at);
      if (!matches.add(chain.chain().match())) {
        throw at.at("filter_chain_match").rejected("is the same as another chain's");
      }
      chains.add(chain);
    }
    return chains;
  }

  private static boolean inspectTls(Listener listener, FieldPath path) {
    boolean inspect = false;
    for (int i = 0; i < listener.getListenerFiltersCount(); i++) {
      ListenerFilter filter = listener.getListenerFilters(i);
      FieldPath at = path.at("listener_filters", i);
      Any config = filter.getTypedConfig();
      if (config.is(TlsInspector.class)) {
        inspect = true;
      } else if (!config.is(OriginalDst.class) && !config.is(HttpInspector.class)) {
        throw at.rejected(
            filter.getName() + " (" + FieldPath.typeName(config) + ")",
            "envoy.filters.listener.tls_inspector");
      }
    }
    return inspect;
  }

  private static Direction direction(Listener listener) {
    return switch (listener.getTrafficDirection()) {
      case INBOUND -> Direction.INBOUND;
      case OUTBOUND -> Direction.OUTBOUND;
      case UNSPECIFIED, UNRECOGNIZED -> Direction.UNSPECIFIED;
    };
  }

  @SuppressWarnings("deprecation")
  private static boolean bindToPort(Listener listener) {
    boolean legacy =
        !listener.getDeprecatedV1().hasBindToPort()
            || listener.getDeprecatedV1().getBindToPort().getValue();
    return legacy && (!listener.hasBindToPort() || listener.getBindToPort().getValue());
  }
}
