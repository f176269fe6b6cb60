package io.kumarun.kuma.translate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import org.junit.jupiter.api.Test;

/** Listeners that could be served in part, and are not served at all: each says so in one line. */
class UnservedListenerTest {
  @Test
  void ofAZoneProxy() {
    Listener ingress =
        listener()
            .addFilterChains(
                chain()
                    .setFilterChainMatch(
                        FilterChainMatch.newBuilder()
                            .setTransportProtocol("tls")
                            .addServerNames("sni.msvc.default.east.backend.80")))
            .build();

    assertUnserved(ingress, "is not served: it is a zone proxy's (networking.listeners)");
    assertThat(
            translate(ingress.toBuilder().setTrafficDirection(TrafficDirection.OUTBOUND).build()))
        .matches(Translated::served);
  }

  @Test
  void behindTransparentProxying() {
    Listener listener = listener().addFilterChains(chain()).build();

    assertThat(translate(listener).served()).isTrue();
    assertUnserved(
        listener.toBuilder().setBindToPort(BoolValue.of(false)).build(),
        "is not served: bind_to_port is false, it needs traffic that iptables redirects");
    assertUnserved(
        listener.toBuilder().setUseOriginalDst(BoolValue.of(true)).build(),
        "is not served: use_original_dst needs traffic that iptables redirects");
  }

  private static void assertUnserved(Listener listener, String reason) {
    Translated translated = translate(listener);

    assertThat(translated.served()).isFalse();
    assertThat(ResourceKind.LISTENER.unapplied(Any.pack(listener), translated))
        .containsExactly(new Note("", reason));
  }

  private static Translated translate(Listener listener) {
    return ResourceKind.LISTENER.translate("l", Any.pack(listener));
  }

  private static Listener.Builder listener() {
    return Listener.newBuilder()
        .setName("l")
        .setTrafficDirection(TrafficDirection.INBOUND)
        .setAddress(
            Address.newBuilder()
                .setSocketAddress(
                    SocketAddress.newBuilder().setAddress("127.0.0.1").setPortValue(10_001)));
  }

  private static FilterChain.Builder chain() {
    return FilterChain.newBuilder()
        .addFilters(
            Filter.newBuilder()
                .setTypedConfig(
                    Any.pack(TcpProxy.newBuilder().setStatPrefix("p").setCluster("c").build())));
  }
}
