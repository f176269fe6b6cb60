package io.kumarun.proxy.cluster;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.SocketAddress;
import java.util.function.Function;

/**
 * The channels of the transport in use (epoll, io_uring, NIO), which the program chooses.
 *
 * @param server listens on TCP
 * @param tcp connects by TCP
 * @param pipe connects to Unix domain sockets
 * @param pipeAddress a path as the address that {@code pipe} connects to
 */
public record SocketTypes(
    ChannelFactory<? extends ServerChannel> server,
    ChannelFactory<? extends Channel> tcp,
    ChannelFactory<? extends Channel> pipe,
    Function<String, SocketAddress> pipeAddress) {

  /** For Netty's own transports; the platform's sockets (NIO) want an address of the platform. */
  public SocketTypes(
      ChannelFactory<? extends ServerChannel> server,
      ChannelFactory<? extends Channel> tcp,
      ChannelFactory<? extends Channel> pipe) {
    this(server, tcp, pipe, DomainSocketAddress::new);
  }
}
