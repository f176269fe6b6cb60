package io.kumarun.proxy.http.h1;

import static java.util.Objects.requireNonNull;

import io.kumarun.proxy.http.DeferredFlush;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.CodecException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What both sides of an HTTP/1.1 connection share: the bytes that were read and not yet understood,
 * reading on and off, and the end of the connection. Consumes every {@link ByteBuf}; other messages
 * pass. Event loop only.
 *
 * <p>Bounded memory: at most one partial line (the limits) or the rest of one read is kept, because
 * reading stops while there are bytes that nobody can take.
 */
abstract sealed class Http1Connection extends ChannelInboundHandlerAdapter
    permits Http1ServerConnection, Http1ClientConnection {
  private static final Logger log = LoggerFactory.getLogger(Http1Connection.class);

  private enum Phase {
    OPEN,
    /** Nothing is parsed any more; input is thrown away until the close. */
    LINGERING,
    CLOSED
  }

  final Http1Limits limits;
  final OutgoingFields outgoing = new OutgoingFields();

  private final Runnable process = this::process;
  private @Nullable ChannelHandlerContext ctx;
  private @Nullable DeferredFlush flush;
  private @Nullable OutgoingBody body;
  private @Nullable LingeringClose lingering;
  private Phase phase = Phase.OPEN;
  private ByteBuf input = Unpooled.EMPTY_BUFFER;
  private boolean processing;
  private boolean paused;
  private boolean inputEnded;
  private boolean broken;

  Http1Connection(Http1Limits limits) {
    this.limits = limits;
  }

  /**
   * Parses and delivers at most one event.
   *
   * @return whether there may be another
   */
  abstract boolean step(ByteBuf in);

  /** Whether bytes that are there, or come, have to wait for the exchange under way. */
  abstract boolean isWaiting();

  /** The peer sends no more. Called once; the connection closes afterwards. */
  abstract void onInputEnded();

  abstract void onWritabilityChanged();

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    this.ctx = ctx;
    flush = new DeferredFlush(ctx);
    body = new OutgoingBody(ctx);
    int high = limits.bodyBufferHighWater();
    ctx.channel().config().setWriteBufferWaterMark(new WriteBufferWaterMark(high / 2, high));
    if (!ctx.channel().isOpen()) {
      // channelInactive came before this handler
      ctx.executor().execute(this::endInput);
    }
    updateReading();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    endInput();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    if (!(msg instanceof ByteBuf bytes)) {
      ctx.fireChannelRead(msg);
      return;
    }
    if (phase != Phase.OPEN) {
      int length = bytes.readableBytes();
      bytes.release();
      if (lingering != null) {
        lingering.onDiscarded(length);
      }
      return;
    }
    if (input.isReadable()) {
      input = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), input, bytes);
    } else {
      input.release();
      input = bytes;
    }
    process();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    endInput();
    ctx.fireChannelInactive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    // while lingering, TLS tells that this side ended it
    if (event instanceof ChannelInputShutdownEvent
        || (event instanceof SslCloseCompletionEvent && phase != Phase.LINGERING)) {
      endInput();
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    onWritabilityChanged();
    ctx.fireChannelWritabilityChanged();
  }

  /** A failed read, write or TLS record ends the connection; its streams hear it by the close. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if ((cause instanceof RuntimeException && !(cause instanceof CodecException))
        || cause instanceof Error) {
      log.warn("HTTP/1.1 connection {} closed by an unexpected error", ctx.channel(), cause);
    } else {
      log.debug("HTTP/1.1 connection {} closed: {}", ctx.channel(), cause.toString());
    }
    broken = true;
    abort();
  }

  /** Whether an error ended the connection, and not the peer in order. */
  final boolean isBroken() {
    return broken;
  }

  /** Understands as much of the input as the exchange under way permits. */
  private void process() {
    if (processing) {
      return;
    }
    processing = true;
    try {
      while (phase == Phase.OPEN && step(input)) {}
    } finally {
      processing = false;
      if (phase != Phase.OPEN || !input.isReadable()) {
        releaseInput();
      }
    }
    updateReading();
  }

  /** Looks again at bytes that had to wait; not from inside the caller's call. */
  final void processLater() {
    if (input.isReadable()) {
      if (!processing) {
        ctx().executor().execute(process);
      }
    } else {
      updateReading();
    }
  }

  private void endInput() {
    if (inputEnded) {
      return;
    }
    inputEnded = true;
    onInputEnded();
    abort();
  }

  private void releaseInput() {
    ByteBuf released = input;
    input = Unpooled.EMPTY_BUFFER;
    released.release();
  }

  final boolean hasInput() {
    return input.isReadable();
  }

  final void setPaused(boolean paused) {
    this.paused = paused;
    updateReading();
  }

  private void updateReading() {
    boolean reading =
        switch (phase) {
          case OPEN -> !paused && !(input.isReadable() && isWaiting());
          case LINGERING -> true;
          case CLOSED -> false;
        };
    if (phase != Phase.CLOSED && channel().config().isAutoRead() != reading) {
      channel().config().setAutoRead(reading);
    }
  }

  final boolean isOpen() {
    return phase == Phase.OPEN && !inputEnded;
  }

  /** Closes at once; what was written so far goes out as far as the socket takes it. */
  final void abort() {
    close(false);
  }

  /** Closes when everything written has been sent. */
  final void closeAfterFlush() {
    close(true);
  }

  private void close(boolean afterFlush) {
    if (phase == Phase.CLOSED) {
      return;
    }
    phase = Phase.CLOSED;
    if (!processing) {
      releaseInput();
    }
    if (afterFlush) {
      LingeringClose.closeAfterFlush(ctx());
    } else {
      ctx().flush();
      ctx().close();
    }
  }

  /** Closes so that a peer that is still sending sees what was written. */
  final void linger() {
    if (phase == Phase.OPEN) {
      phase = Phase.LINGERING;
      lingering = new LingeringClose(ctx());
      if (!processing) {
        releaseInput();
      }
      updateReading();
      lingering.begin();
    }
  }

  /** Writes without a promise, and sends at the end of the turn. */
  final void write(ByteBuf bytes) {
    ctx().write(bytes, ctx().voidPromise());
    requestFlush();
  }

  final void requestFlush() {
    requireNonNull(flush).request();
  }

  final OutgoingBody body() {
    return requireNonNull(body);
  }

  final ChannelHandlerContext ctx() {
    return requireNonNull(ctx, "not in a pipeline");
  }

  public Channel channel() {
    return ctx().channel();
  }
}
