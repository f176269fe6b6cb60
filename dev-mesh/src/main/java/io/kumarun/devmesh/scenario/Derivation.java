package io.kumarun.devmesh.scenario;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import java.util.List;

/**
 * Makes from recorded resources what could not be recorded: one kind of mesh in the manner in which
 * the control plane was seen to write another. Any thread.
 */
sealed interface Derivation {

  /** What a scenario does to its recording. */
  static Derivation of(Scenario scenario, Topology topology) {
    return switch (scenario) {
      case IDENTITY_PERMISSIVE_HTTP -> new Permissive();
      case IDENTITY_STRICT_PROTOCOLS -> new WithIdentity(topology);
      default -> new AsRecorded();
    };
  }

  List<Message> apply(List<Message> resources);

  /** Nothing changes. */
  record AsRecorded() implements Derivation {
    @Override
    public List<Message> apply(List<Message> resources) {
      return resources;
    }
  }

  /** Inbounds with mTLS take cleartext and foreign TLS as well, without permissions. */
  record Permissive() implements Derivation {

    @Override
    public List<Message> apply(List<Message> resources) {
      return resources.stream()
          .map(r -> r instanceof Listener l && isStrictInbound(l) ? permissive(l) : r)
          .toList();
    }

    private static boolean isStrictInbound(Listener listener) {
      return listener.getTrafficDirection() == TrafficDirection.INBOUND
          && listener.getFilterChainsCount() == 1
          && listener.getFilterChains(0).hasTransportSocket();
    }

    private static Message permissive(Listener listener) {
      FilterChain strict = listener.getFilterChains(0);
      FilterChain open = withoutPermissions(strict).toBuilder().clearTransportSocket().build();
      return listener.toBuilder()
          .clearFilterChains()
          .addFilterChains(matching(open, "raw_buffer"))
          .addFilterChains(matching(open, "tls"))
          .addFilterChains(matching(strict, "tls", "kuma"))
          .addListenerFilters(
              ListenerFilter.newBuilder()
                  .setName("envoy.filters.listener.tls_inspector")
                  .setTypedConfig(Any.pack(TlsInspector.getDefaultInstance())))
          .build();
    }

    private static FilterChain matching(FilterChain chain, String transport, String... alpn) {
      return chain.toBuilder()
          .setFilterChainMatch(
              FilterChainMatch.newBuilder()
                  .setTransportProtocol(transport)
                  .addAllApplicationProtocols(List.of(alpn)))
          .build();
    }

    private static FilterChain withoutPermissions(FilterChain chain) {
      FilterChain.Builder open = chain.toBuilder().clearFilters();
      for (Filter filter : chain.getFiltersList()) {
        if (!filter.getName().equals("envoy.filters.network.rbac")) {
          open.addFilters(withoutPermissions(filter));
        }
      }
      return open.build();
    }

    private static Filter withoutPermissions(Filter filter) {
      if (!filter.getTypedConfig().is(HttpConnectionManager.class)) {
        return filter;
      }
      try {
        HttpConnectionManager http = filter.getTypedConfig().unpack(HttpConnectionManager.class);
        HttpConnectionManager.Builder open = http.toBuilder().clearHttpFilters();
        http.getHttpFiltersList().stream()
            .filter(f -> !f.getName().equals("envoy.filters.http.rbac"))
            .forEach(open::addHttpFilters);
        return filter.toBuilder().setTypedConfig(Any.pack(open.build())).build();
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalArgumentException("Damaged HTTP connection manager", e);
      }
    }
  }

  /** Legacy names, secrets and permissions become those of a MeshIdentity. */
  record WithIdentity(Topology topology) implements Derivation {

    @Override
    public List<Message> apply(List<Message> resources) {
      MessageRewriter rename =
          new MessageRewriter() {
            @Override
            String text(String text) {
              return renamed(text);
            }
          };
      Permission permission =
          Permission.allowingPrefix("spiffe://" + topology.trustDomain() + "/workload/");
      return resources.stream()
          .map(rename::rewrite)
          .map(r -> r instanceof Listener listener ? permission.asRulesIn(listener) : r)
          .toList();
    }

    private String renamed(String text) {
      String legacy = "spiffe://" + topology.mesh() + "/";
      String identity = "spiffe://" + topology.trustDomain() + "/";
      if (text.equals(legacy)) {
        return identity;
      }
      if (text.startsWith(legacy)) {
        return identity + "workload/" + text.substring(legacy.length());
      }
      if (text.equals("identity_cert:secret:" + topology.mesh())) {
        return "kri_mid_" + topology.mesh() + "_" + topology.zone() + "__identity_";
      }
      return text.equals("mesh_ca:secret:" + topology.mesh()) ? "system_trust_bundle" : text;
    }
  }
}
