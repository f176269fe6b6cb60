package io.kumarun.proxy.cluster;

import io.kumarun.proxy.config.Address;
import io.kumarun.proxy.config.EndpointConfig;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint that can be connected to. Kept, as the same object, for as long as its configuration
 * does not change: pools hang on it. Immutable; any thread.
 */
public final class Host {
  private final EndpointConfig config;
  private final SocketAddress address;
  private final String text;

  private Host(EndpointConfig config, SocketAddress address) {
    this.config = config;
    this.address = address;
    this.text = config.address().toString();
  }

  /**
   * @return null where the address is a host name, which this kind of cluster does not resolve
   */
  static @Nullable Host of(EndpointConfig config) {
    return switch (config.address()) {
      case Address.Pipe(String path) -> new Host(config, new DomainSocketAddress(path));
      case Address.Socket(String host, int port) -> {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(host);
        yield bytes == null ? null : new Host(config, socketAddress(bytes, port));
      }
    };
  }

  private static InetSocketAddress socketAddress(byte[] bytes, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
    } catch (UnknownHostException e) {
      throw new AssertionError("an address literal has 4 or 16 bytes", e);
    }
  }

  public EndpointConfig config() {
    return config;
  }

  SocketAddress address() {
    return address;
  }

  /** {@code host:port}, as logs print it. */
  @Override
  public String toString() {
    return text;
  }
}
