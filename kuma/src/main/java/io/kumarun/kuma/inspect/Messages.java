package io.kumarun.kuma.inspect;

import io.envoyproxy.envoy.config.core.v3.Pipe;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.kumarun.proxy.config.Address;

/** The proxy's own records as Envoy's messages. */
final class Messages {
  private Messages() {}

  static io.envoyproxy.envoy.config.core.v3.Address address(Address address) {
    var message = io.envoyproxy.envoy.config.core.v3.Address.newBuilder();
    return switch (address) {
      case Address.Socket(String host, int port) ->
          message
              .setSocketAddress(SocketAddress.newBuilder().setAddress(host).setPortValue(port))
              .build();
      case Address.Pipe(String path) -> message.setPipe(Pipe.newBuilder().setPath(path)).build();
    };
  }
}
