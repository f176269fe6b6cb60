package io.kumarun.devmesh.scenario;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;

/** Resources that a data plane must refuse, without harm to their neighbours. */
public final class BadResource {

  private BadResource() {}

  /** A listener whose only filter is of a type that nobody has. */
  public static Listener unknownFilter(String name, String address, int port) {
    return Listener.newBuilder()
        .setName(name)
        .setAddress(
            Address.newBuilder()
                .setSocketAddress(
                    SocketAddress.newBuilder().setAddress(address).setPortValue(port)))
        .addFilterChains(
            FilterChain.newBuilder()
                .addFilters(
                    Filter.newBuilder()
                        .setName("no.such.filter")
                        .setTypedConfig(
                            Any.newBuilder()
                                .setTypeUrl("type.googleapis.com/no.such.filter.v3.NoSuchFilter"))))
        .build();
  }
}
