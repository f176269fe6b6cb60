package io.kumarun.e2e;

import io.kumarun.devmesh.authority.IssuedCertificate;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import io.netty.internal.tcnative.SSL;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;

/**
 * A TLS server where a sidecar expects its upstream: shows any certificate, asks for none, resumes
 * sessions, and greets with a line. Any thread.
 */
final class RefusalServer implements AutoCloseable {
  static final String GREETING = "greetings";

  private final AtomicInteger handshakes = new AtomicInteger();
  private final AtomicInteger resumed = new AtomicInteger();
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Channel server;

  private RefusalServer(IssuedCertificate shown, String... protocols) {
    try {
      SslContext tls =
          SslContextBuilder.forServer(shown.privateKey(), shown.certificate())
              .sslProvider(SslProvider.OPENSSL)
              .protocols(protocols)
              .sessionCacheSize(100)
              .build();
      server =
          new ServerBootstrap()
              .group(group)
              .channel(NioServerSocketChannel.class)
              .childHandler(
                  new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                      SslHandler handler = tls.newHandler(channel.alloc());
                      channel.pipeline().addLast(handler, new Greeter(handler));
                    }
                  })
              .bind(InetAddress.getLoopbackAddress(), 0)
              .syncUninterruptibly()
              .channel();
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  static RefusalServer showing(IssuedCertificate shown) {
    return new RefusalServer(shown, "TLSv1.2", "TLSv1.3");
  }

  /** One that resumes a session without showing its certificate again. */
  static RefusalServer tls12Showing(IssuedCertificate shown) {
    return new RefusalServer(shown, "TLSv1.2");
  }

  InetSocketAddress address() {
    return new InetSocketAddress(
        "127.0.0.1", ((InetSocketAddress) server.localAddress()).getPort());
  }

  int handshakes() {
    return handshakes.get();
  }

  /** How many of the handshakes resumed a session. */
  int resumed() {
    return resumed.get();
  }

  @Override
  public void close() {
    server.close().syncUninterruptibly();
    group.shutdownGracefully(0, 0, java.util.concurrent.TimeUnit.SECONDS);
  }

  private final class Greeter extends ChannelInboundHandlerAdapter {
    private final SslHandler tls;

    Greeter(SslHandler tls) {
      this.tls = tls;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
        long pointer = ((ReferenceCountedOpenSslEngine) tls.engine()).sslPointer();
        handshakes.incrementAndGet();
        resumed.addAndGet(SSL.isSessionReused(pointer) ? 1 : 0);
        ctx.writeAndFlush(Unpooled.copiedBuffer(GREETING + "\n", StandardCharsets.US_ASCII));
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close(); // refused, which is what this is for
    }
  }
}
