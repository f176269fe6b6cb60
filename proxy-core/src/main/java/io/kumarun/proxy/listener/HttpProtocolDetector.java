package io.kumarun.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import org.jspecify.annotations.Nullable;

/**
 * Tells HTTP/2 from HTTP/1.1 by the connection preface (RFC 9113 §3.4), whatever was negotiated:
 * Envoy's codec type AUTO.
 */
final class HttpProtocolDetector extends ChannelInboundHandlerAdapter {
  private final Listener listener;
  private @Nullable ByteBuf seen;
  private boolean done;

  HttpProtocolDetector(Listener listener) {
    this.listener = listener;
  }

  /** Hears which protocol it is. Event loop only. */
  interface Listener {

    /** The codec must be added before this returns. */
    void detected(ChannelHandlerContext ctx, boolean http2);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (done || !(message instanceof ByteBuf bytes)) {
      ctx.fireChannelRead(message);
      return;
    }
    ByteBuf all = bytes;
    ByteBuf before = seen;
    if (before != null) {
      all = ctx.alloc().buffer(before.readableBytes() + bytes.readableBytes());
      all.writeBytes(before).writeBytes(bytes);
      before.release();
      bytes.release();
      seen = null;
    }
    ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();
    try {
      int common = Math.min(preface.readableBytes(), all.readableBytes());
      for (int i = 0; i < common; i++) {
        if (all.getByte(all.readerIndex() + i) != preface.getByte(i)) {
          proceed(ctx, all, false);
          return;
        }
      }
      if (common == preface.readableBytes()) {
        proceed(ctx, all, true);
      } else {
        seen = all;
      }
    } finally {
      preface.release();
    }
  }

  private void proceed(ChannelHandlerContext ctx, ByteBuf all, boolean http2) {
    done = true;
    listener.detected(ctx, http2);
    ctx.fireChannelRead(all);
    ctx.pipeline().remove(this);
  }

  /** A peer that ends before its request began is gone; HTTP knows no half-closed connections. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
      ctx.close();
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (seen != null) {
      seen.release();
      seen = null;
    }
  }
}
