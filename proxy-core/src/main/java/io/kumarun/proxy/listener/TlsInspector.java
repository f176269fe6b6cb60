package io.kumarun.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the first bytes of a connection, says what they are, and hands them on untouched
 * (Envoy's {@code tls_inspector}). A connection that stays silent is closed after Envoy's {@code
 * listener_filters_timeout}, 15 s.
 */
final class TlsInspector extends ChannelInboundHandlerAdapter {
  private static final long TIMEOUT_SECONDS = 15;

  private final Listener listener;
  private @Nullable ByteBuf seen;
  private @Nullable Future<?> timeout;
  private boolean done;

  TlsInspector(Listener listener) {
    this.listener = listener;
  }

  /** Hears what the first bytes are. Event loop only. */
  interface Listener {

    /** Handlers for what follows must be added before this returns. */
    void inspected(ChannelHandlerContext ctx, Inspection inspection);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    timeout =
        ctx.executor()
            .schedule(
                () -> {
                  if (!done) {
                    ctx.close();
                  }
                },
                TIMEOUT_SECONDS,
                TimeUnit.SECONDS);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (done || !(message instanceof ByteBuf bytes)) {
      ctx.fireChannelRead(message);
      return;
    }
    ByteBuf before = seen;
    ByteBuf all = bytes;
    if (before != null) {
      before.writeBytes(bytes);
      bytes.release();
      all = before;
    }
    Inspection inspection = ClientHello.inspect(all);
    if (inspection != null) {
      seen = null;
      done = true;
      if (timeout != null) {
        timeout.cancel(false);
      }
      listener.inspected(ctx, inspection);
      ctx.fireChannelRead(all);
      ctx.pipeline().remove(this);
    } else if (before == null) {
      seen = ctx.alloc().buffer(Math.max(512, bytes.readableBytes() * 2)).writeBytes(bytes);
      bytes.release();
    }
  }

  /** Half-closed connections are for byte streams; a peer that ends before it began is gone. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      ctx.close();
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (timeout != null) {
      timeout.cancel(false);
    }
    if (seen != null) {
      seen.release();
      seen = null;
    }
  }
}
