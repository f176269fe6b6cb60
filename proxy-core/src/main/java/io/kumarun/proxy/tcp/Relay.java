package io.kumarun.proxy.tcp;

import io.kumarun.tls.TlsHalfClose;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** One direction of a TCP session. Event loop only. */
final class Relay {
  private static final long FLUSH_SECONDS = 30;

  private final Channel from;
  private final Channel to;

  /** Nothing more comes. */
  private boolean sourceEnded;

  /** And that was passed on. */
  private boolean ended;

  /**
   * @param sourceEnded what is still to be written is the last; {@link #end} follows
   */
  Relay(Channel from, Channel to, boolean sourceEnded) {
    this.from = from;
    this.to = to;
    this.sourceEnded = sourceEnded;
  }

  boolean hasEnded() {
    return ended;
  }

  /**
   * Reads on, or not, as the other side's buffer has room. A side that has ended is not read from
   * any more: there is nothing, and Netty 4.2.18's epoll closes a half-closed channel that is asked
   * to.
   */
  void readWhile(boolean writable) {
    if (!sourceEnded) {
      from.config().setAutoRead(writable);
    }
  }

  void write(Object bytes) {
    to.write(bytes, to.voidPromise());
    if (!to.isWritable()) {
      readWhile(false);
    }
  }

  void flush() {
    to.flush();
  }

  /** Nothing more comes this way: the peer is told by a half-close, and may go on sending. */
  void end() {
    if (ended) {
      return;
    }
    ended = true;
    sourceEnded = true;
    to.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> endOutput());
  }

  /** With TLS by close_notify alone: the socket stays open in both directions, as Envoy's does. */
  private void endOutput() {
    if (!to.isActive() || TlsHalfClose.endOutput(to)) {
      return;
    }
    if (to instanceof DuplexChannel duplex) {
      duplex.shutdownOutput();
    } else {
      closePeer();
    }
  }

  /**
   * Closes the other side once everything written to it has left. A peer that takes nothing more is
   * given up after a while: by then nobody else watches this connection.
   */
  void closePeer() {
    if (!to.isActive()) {
      return;
    }
    ChannelFuture flushed = to.writeAndFlush(Unpooled.EMPTY_BUFFER);
    flushed.addListener(ChannelFutureListener.CLOSE);
    if (!flushed.isDone()) {
      Future<?> patience =
          to.eventLoop().schedule((Runnable) to::close, FLUSH_SECONDS, TimeUnit.SECONDS);
      to.closeFuture().addListener(closed -> patience.cancel(false));
    }
  }

  /** Whether an event says that the peer sends nothing more. */
  static boolean endsInput(Object event) {
    return event == ChannelInputShutdownEvent.INSTANCE
        || event == ChannelInputShutdownReadComplete.INSTANCE
        || event instanceof SslCloseCompletionEvent;
  }
}
