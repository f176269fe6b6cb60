package io.kumarun.proxy.cluster;

import io.kumarun.proxy.config.Address;
import io.kumarun.proxy.config.ClusterConfig;
import io.kumarun.proxy.http.StreamError;
import io.kumarun.telemetry.ClusterMetrics;
import io.kumarun.tls.ClientTls;
import io.kumarun.tls.PeerVerified;
import io.kumarun.tls.TlsContexts;
import io.kumarun.tls.TlsHalfClose;
import io.kumarun.tls.TlsRejected;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections to endpoints: TCP or a Unix domain socket, then TLS as the cluster says. The
 * cluster's connect time-out covers both, as in Envoy. One per event loop.
 */
final class UpstreamConnector {
  private final EventLoop loop;
  private final SocketTypes sockets;
  private final TlsContexts tlsContexts;
  private final UpstreamRefusals refusals = new UpstreamRefusals();

  UpstreamConnector(EventLoop loop, SocketTypes sockets, TlsContexts tlsContexts) {
    this.loop = loop;
    this.sockets = sockets;
    this.tlsContexts = tlsContexts;
  }

  /**
   * Begins an attempt; the listener hears of it later, possibly before this returns.
   *
   * @param halfClose whether one direction of the connection may end before the other
   */
  void connect(Cluster cluster, Host host, boolean halfClose, ConnectListener listener) {
    Attempt attempt = new Attempt(cluster, host, halfClose, listener);
    String path = host.config().address() instanceof Address.Pipe address ? address.path() : null;
    boolean pipe = path != null;
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channelFactory(pipe ? sockets.pipe() : sockets.tcp())
            .handler(attempt.initializer());
    if (!pipe) {
      bootstrap.option(ChannelOption.TCP_NODELAY, true);
    }
    bootstrap
        .connect(path == null ? host.address() : sockets.pipeAddress().apply(path))
        .addListener(
            (ChannelFutureListener)
                future -> {
                  if (!future.isSuccess()) {
                    attempt.fail(StreamError.CONNECTION_FAILURE, reason(future.cause()));
                  }
                });
  }

  /** As Envoy counts: a certificate that is refused is no error of the connection. */
  private static void count(ClusterMetrics metrics, TlsRejected rejected) {
    switch (rejected.reason()) {
      case null -> metrics.sslHandshakeFailed();
      case NAME -> metrics.sslSanRefused();
      case NO_CERTIFICATE, UNREADABLE, UNKNOWN_AUTHORITY, EXPIRED, NOT_YET_VALID, PURPOSE ->
          metrics.sslCertificateRefused();
    }
  }

  private static long millisSince(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
  }

  private static String reason(Throwable cause) {
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }

  /** One attempt until it is over. */
  private final class Attempt extends ChannelInboundHandlerAdapter implements Runnable {
    private final Cluster cluster;
    private final Host host;
    private final boolean halfClose;
    private final ConnectListener listener;
    private final long startNanos = System.nanoTime();
    private boolean over;
    private @Nullable Channel channel;
    private @Nullable Future<?> deadline;

    Attempt(Cluster cluster, Host host, boolean halfClose, ConnectListener listener) {
      this.cluster = cluster;
      this.host = host;
      this.halfClose = halfClose;
      this.listener = listener;
    }

    ChannelInitializer<Channel> initializer() {
      return new ChannelInitializer<>() {
        @Override
        protected void initChannel(Channel ch) {
          channel = ch;
          // Half-closed upstream connections are the codec's or the tunnel's business. Not an
          // option
          // of the bootstrap: the platform's pipes (NIO) do not know it, and a warning would say
          // so.
          ch.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
          cluster
              .metrics()
              .connectionOpened(cluster.config().protocol() == ClusterConfig.Protocol.HTTP2);
          // Whether the peer closed it is not known here; pools know, and will say in time.
          ch.closeFuture()
              .addListener(
                  closed -> cluster.metrics().connectionClosed(false, millisSince(startNanos)));
          ClientTls tls = cluster.config().tls();
          if (tls != null) {
            tlsContexts.addClientTls(ch.pipeline(), tls, host.toString());
            if (halfClose) {
              TlsHalfClose.allow(ch.pipeline());
            }
          }
          ch.pipeline().addLast(Attempt.this);
          deadline =
              loop.schedule(
                  Attempt.this, cluster.config().connectTimeout().toNanos(), TimeUnit.NANOSECONDS);
        }
      };
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      if (ctx.pipeline().get(SslHandler.class) == null) {
        succeed(ctx);
      }
      ctx.fireChannelActive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      switch (event) {
        case PeerVerified verified -> {
          cluster.metrics().sslHandshake();
          refusals.accepted(host);
          succeed(ctx);
        }
        case TlsRejected rejected -> {
          count(cluster.metrics(), rejected);
          refusals.refused(cluster, host, rejected.sentence());
          fail(StreamError.CONNECTION_FAILURE, rejected.sentence());
        }
        // Its end is told by what follows the close, a refused handshake before all.
        case ChannelInputShutdownEvent ended -> ctx.close();
        default -> ctx.fireUserEventTriggered(event);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      fail(StreamError.CONNECTION_FAILURE, "connection closed before it was established");
      ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      fail(StreamError.CONNECTION_FAILURE, reason(cause));
    }

    @Override
    public void run() {
      fail(StreamError.CONNECTION_TIMEOUT, "connection timeout");
    }

    private void succeed(ChannelHandlerContext ctx) {
      if (over) {
        return;
      }
      end();
      cluster.metrics().connected(millisSince(startNanos));
      listener.onConnected(ctx.channel());
      ctx.pipeline().remove(this);
    }

    void fail(StreamError error, String detail) {
      if (over) {
        return;
      }
      end();
      cluster.metrics().connectFailed();
      if (error == StreamError.CONNECTION_TIMEOUT) {
        cluster.metrics().connectTimedOut();
      }
      if (channel != null) {
        channel.close();
      }
      listener.onConnectFailed(error, detail);
    }

    private void end() {
      over = true;
      if (deadline != null) {
        deadline.cancel(false);
      }
    }
  }
}
