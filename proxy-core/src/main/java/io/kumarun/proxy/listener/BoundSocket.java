package io.kumarun.proxy.listener;

import io.kumarun.proxy.cluster.SocketTypes;
import io.kumarun.proxy.config.Address;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;

/** A listening socket and the listener that has it now. Any thread. */
final class BoundSocket {
  private static final int BACKLOG = 1024;

  private volatile ActiveListener listener;
  private volatile boolean open;
  private final Channel channel;

  private BoundSocket(
      Address.Socket address,
      ActiveListener first,
      EventLoopGroup group,
      SocketTypes sockets,
      ConnectionAcceptor acceptor)
      throws BindFailedException {
    this.listener = first;
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(group)
            .channelFactory(sockets.server())
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel child) {
                    acceptor.accept(child, listener);
                  }
                });
    // Waiting is right here: configuration is applied on its own thread, never on an event loop.
    ChannelFuture bind = bootstrap.bind(address.host(), address.port()).awaitUninterruptibly();
    if (!bind.isSuccess()) {
      String reason = bind.cause().getMessage();
      throw new BindFailedException(
          reason == null ? bind.cause().getClass().getSimpleName() : reason);
    }
    this.channel = bind.channel();
    this.open = true;
  }

  static BoundSocket bind(
      Address.Socket address,
      ActiveListener listener,
      EventLoopGroup group,
      SocketTypes sockets,
      ConnectionAcceptor acceptor)
      throws BindFailedException {
    return new BoundSocket(address, listener, group, sockets, acceptor);
  }

  ActiveListener listener() {
    return listener;
  }

  /** New connections are the given listener's from now on. */
  void replace(ActiveListener next) {
    listener = next;
  }

  /** Stops accepting; connections stay. */
  void close() {
    if (open) {
      open = false;
      channel.close().awaitUninterruptibly();
    }
  }
}
