package io.kumarun.sidecar;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
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

  @Override
  public void close() {
    eventLoops
        .shutdownGracefully(0, CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(CLOSE_PATIENCE.toMillis());
  }
}
