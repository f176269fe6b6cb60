package io.kumarun.proxy.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection whose peer may still be sending (RFC 9112 §9.6): sends what is waiting, ends
 * the output, and takes in a bounded amount for a bounded time before the close, because a close
 * with unread input makes the kernel reset the connection and the peer lose the response. Event
 * loop only.
 */
final class LingeringClose {
  /** From the last byte sent to the close: Envoy's {@code delayed_close_timeout}. */
  private static final long MAX_MILLIS = 1000;

  /** For a peer that does not take what is waiting, at most the body high-water mark. */
  private static final long MAX_FLUSH_MILLIS = 30_000;

  private static final long MAX_BYTES = 1024 * 1024;

  private final ChannelHandlerContext ctx;
  private long taken;

  LingeringClose(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  /** Closes, without lingering, when everything written has been sent. */
  static void closeAfterFlush(ChannelHandlerContext ctx) {
    ChannelFuture flushed = ctx.writeAndFlush(Unpooled.EMPTY_BUFFER);
    limit(flushed, ctx);
    flushed.addListener(ChannelFutureListener.CLOSE);
  }

  private static void limit(ChannelFuture flushed, ChannelHandlerContext ctx) {
    if (!flushed.isDone()) {
      closeIn(MAX_FLUSH_MILLIS, ctx);
    }
  }

  void begin() {
    ChannelFuture flushed = ctx.writeAndFlush(Unpooled.EMPTY_BUFFER);
    limit(flushed, ctx);
    flushed.addListener(
        done -> {
          if (done.isSuccess()) {
            endOutput();
          } else {
            ctx.close();
          }
        });
  }

  private static void closeIn(long millis, ChannelHandlerContext ctx) {
    Future<?> timer = ctx.executor().schedule((Runnable) ctx::close, millis, TimeUnit.MILLISECONDS);
    ctx.channel().closeFuture().addListener(closed -> timer.cancel(false));
  }

  private void endOutput() {
    Channel channel = ctx.channel();
    if (!(channel instanceof DuplexChannel duplex)) {
      ctx.close();
      return;
    }
    closeIn(MAX_MILLIS, ctx);
    SslHandler tls = ctx.pipeline().get(SslHandler.class);
    if (tls == null) {
      duplex.shutdownOutput();
    } else {
      // an engine that has sent its close_notify is done with the peer's records, too
      ctx.pipeline().addBefore(ctx.pipeline().context(tls).name(), null, new RawDiscard());
      tls.closeOutbound().addListener((ChannelFutureListener) closed -> duplex.shutdownOutput());
    }
  }

  private final class RawDiscard extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext raw, Object msg) {
      int bytes = msg instanceof ByteBuf records ? records.readableBytes() : 0;
      ReferenceCountUtil.release(msg);
      onDiscarded(bytes);
    }
  }

  /** Bytes came in and were thrown away. */
  void onDiscarded(int bytes) {
    taken += bytes;
    if (taken > MAX_BYTES) {
      ctx.close();
    }
  }
}
