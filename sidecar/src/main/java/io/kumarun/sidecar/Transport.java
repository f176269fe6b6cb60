package io.kumarun.sidecar;

import io.kumarun.proxy.cluster.SocketTypes;
import io.kumarun.sidecar.settings.SettingCatalog;
import io.kumarun.sidecar.settings.StartupException;
import io.kumarun.sidecar.settings.TransportKind;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The event loops of a sidecar.
 *
 * @param kind never {@link TransportKind#AUTO}
 */
record Transport(TransportKind kind, EventLoopGroup eventLoops) implements AutoCloseable {
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

  /**
   * Starts event loops.
   *
   * @throws StartupException if the transport that was asked for does not work here
   */
  static Transport open(TransportKind wanted, int eventLoops) {
    TransportKind kind =
        switch (wanted) {
          case NIO -> TransportKind.NIO;
          case AUTO -> Epoll.isAvailable() ? TransportKind.EPOLL : TransportKind.NIO;
          case EPOLL -> {
            if (!Epoll.isAvailable()) {
              throw new StartupException(
                  SettingCatalog.TRANSPORT.name()
                      + "=epoll: epoll does not work on this machine ("
                      + Epoll.unavailabilityCause()
                      + "); set it to nio or auto");
            }
            yield TransportKind.EPOLL;
          }
        };
    IoHandlerFactory factory =
        kind == TransportKind.EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    return new Transport(
        kind,
        new MultiThreadIoEventLoopGroup(
            eventLoops, new DefaultThreadFactory("loop", true), factory));
  }

  /** What the data path opens on these loops. */
  SocketTypes socketTypes() {
    return switch (kind) {
      case EPOLL ->
          new SocketTypes(
              EpollServerSocketChannel::new,
              EpollSocketChannel::new,
              EpollDomainSocketChannel::new);
      case NIO, AUTO ->
          new SocketTypes(
              NioServerSocketChannel::new,
              NioSocketChannel::new,
              NioDomainSocketChannel::new,
              UnixDomainSocketAddress::of);
    };
  }

  /** What the client of the control plane opens. */
  Class<? extends Channel> clientChannelType() {
    return kind == TransportKind.EPOLL ? EpollSocketChannel.class : NioSocketChannel.class;
  }

  @Override
  public void close() {
    eventLoops
        .shutdownGracefully(0, CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(CLOSE_PATIENCE.toMillis());
  }
}
