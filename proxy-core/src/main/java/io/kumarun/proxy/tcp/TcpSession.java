package io.kumarun.proxy.tcp;

import io.kumarun.proxy.cluster.Cluster;
import io.kumarun.proxy.cluster.ConnectListener;
import io.kumarun.proxy.cluster.Host;
import io.kumarun.proxy.cluster.LoopClusters;
import io.kumarun.proxy.exchange.ClusterPick;
import io.kumarun.proxy.exchange.DownstreamPeer;
import io.kumarun.proxy.exchange.ExchangeServices;
import io.kumarun.proxy.http.StreamError;
import io.kumarun.telemetry.ResponseFlag;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A downstream TCP connection and its way to an endpoint (Envoy's {@code tcp_proxy}): connects,
 * with as many attempts as the configuration allows, then relays bytes both ways with half-close,
 * back-pressure and an idle time-out. Added to the downstream pipeline as its last handler. Event
 * loop only.
 */
public final class TcpSession extends ChannelInboundHandlerAdapter {
  private final TcpChain chain;
  private final ExchangeServices services;
  private final LoopClusters upstreams;
  private final TcpLog log;
  private final ArrayDeque<Object> held = new ArrayDeque<>(2);
  private @Nullable Channel downstream;
  private @Nullable Relay toUpstream;
  private @Nullable Relay toDownstream;
  private @Nullable Future<?> idleCheck;
  private boolean downstreamEnded;
  private boolean ended;
  private long activityNanos = System.nanoTime();

  public TcpSession(
      TcpChain chain, ExchangeServices services, LoopClusters upstreams, DownstreamPeer peer) {
    this.chain = chain;
    this.services = services;
    this.upstreams = upstreams;
    this.log = new TcpLog(services.clock().millis(), peer);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    downstream = ctx.channel();
    // Nothing is read before there is somewhere to put it.
    ctx.channel().config().setAutoRead(false);
    chain.metrics().connectionOpened();
    String name = ClusterPick.pick(chain.config().cluster(), ThreadLocalRandom.current());
    Cluster cluster = services.clusters().get(name);
    if (cluster == null) {
      chain.metrics().noRoute();
      refuse(ResponseFlag.NC, "cluster_not_found");
      return;
    }
    log.cluster(cluster.name());
    connect(cluster, Math.max(1, chain.config().maxConnectAttempts()));
  }

  private void connect(Cluster cluster, int attemptsLeft) {
    Host host = upstreams.pick(cluster);
    if (host == null) {
      cluster.metrics().noneHealthy();
      refuse(ResponseFlag.UH, "no_healthy_upstream");
      return;
    }
    log.host(host.toString());
    upstreams.connect(
        cluster,
        host,
        new ConnectListener() {
          @Override
          public void onConnected(Channel channel) {
            connected(channel);
          }

          @Override
          public void onConnectFailed(StreamError error, String detail) {
            if (ended) {
              return;
            }
            if (error != StreamError.OVERFLOW && attemptsLeft > 1) {
              connect(cluster, attemptsLeft - 1);
              return;
            }
            refuse(
                error == StreamError.OVERFLOW ? ResponseFlag.UO : ResponseFlag.UF,
                "upstream_connection_failed{" + detail + "}");
          }
        });
  }

  private void connected(Channel upstream) {
    Channel from = downstream;
    if (ended || from == null) {
      upstream.close();
      return;
    }
    Relay outgoing = new Relay(from, upstream, downstreamEnded);
    toUpstream = outgoing;
    Relay incoming = new Relay(upstream, from, false);
    toDownstream = incoming;
    upstream.pipeline().addLast(new UpstreamSide(incoming));
    while (!held.isEmpty()) {
      outgoing.write(held.poll());
    }
    outgoing.flush();
    if (downstreamEnded) {
      outgoing.end();
    }
    outgoing.readWhile(upstream.isWritable());
    armIdleCheck();
  }

  private void refuse(ResponseFlag flag, String details) {
    log.flag(flag);
    log.details(details);
    end();
    if (downstream != null) {
      downstream.close();
    }
  }

  // --- downstream events

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof ByteBuf bytes) || ended) {
      ReferenceCountUtil.release(message);
      return;
    }
    activityNanos = System.nanoTime();
    log.received(bytes.readableBytes());
    chain.metrics().bytesReceived(bytes.readableBytes());
    Relay relay = toUpstream;
    if (relay == null) {
      held.add(bytes);
    } else {
      relay.write(bytes);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (toUpstream != null) {
      toUpstream.flush();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (Relay.endsInput(event)) {
      downstreamEnded = true;
      if (toUpstream != null) {
        toUpstream.end();
        closeIfBothEnded();
      }
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (toDownstream != null) {
      toDownstream.readWhile(ctx.channel().isWritable());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    Relay relay = toUpstream;
    if (relay != null) {
      relay.closePeer();
    }
    end();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // A reset by the peer; the inactive event that follows ends the session.
    ctx.close();
  }

  // --- end

  private void armIdleCheck() {
    long idle = chain.config().idleTimeout().toNanos();
    if (idle <= 0 || ended) {
      return;
    }
    long left = Math.max(1, activityNanos + idle - System.nanoTime());
    idleCheck = upstreams.loop().schedule(this::checkIdle, left, TimeUnit.NANOSECONDS);
  }

  private void checkIdle() {
    if (ended) {
      return;
    }
    if (System.nanoTime() - activityNanos < chain.config().idleTimeout().toNanos()) {
      armIdleCheck();
      return;
    }
    log.details("tcp_idle_timeout");
    if (toUpstream != null) {
      toUpstream.closePeer();
    }
    if (downstream != null) {
      downstream.close();
    }
  }

  private void closeIfBothEnded() {
    Relay out = toUpstream;
    Relay in = toDownstream;
    if (out != null && in != null && out.hasEnded() && in.hasEnded()) {
      out.closePeer();
      in.closePeer();
    }
  }

  private void end() {
    if (ended) {
      return;
    }
    ended = true;
    if (idleCheck != null) {
      idleCheck.cancel(false);
    }
    while (!held.isEmpty()) {
      ReferenceCountUtil.release(held.poll());
    }
    log.end();
    services.accessLog().log(log);
  }

  /** Bytes from the endpoint. */
  private final class UpstreamSide extends ChannelInboundHandlerAdapter {
    private final Relay toDownstream;

    UpstreamSide(Relay toDownstream) {
      this.toDownstream = toDownstream;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (!(message instanceof ByteBuf bytes)) {
        ReferenceCountUtil.release(message);
        return;
      }
      activityNanos = System.nanoTime();
      log.sent(bytes.readableBytes());
      chain.metrics().bytesSent(bytes.readableBytes());
      toDownstream.write(bytes);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      toDownstream.flush();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (Relay.endsInput(event)) {
        toDownstream.end();
        closeIfBothEnded();
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      if (toUpstream != null) {
        toUpstream.readWhile(ctx.channel().isWritable());
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      toDownstream.closePeer();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
