package io.kumarun.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.netty.internal.tcnative.SSL;
import io.netty.util.concurrent.Future;

/**
 * Lets one direction of a TLS connection end before the other, as RFC 5246 §7.2.1 forbids and every
 * TCP proxy needs: Envoy takes a close_notify for a half-close and goes on writing, while the
 * engine behind {@link SslHandler} ends both directions, whichever side ends first.
 *
 * <p>Towards a peer that goes on sending, {@link #endOutput} sends the close_notify past the
 * engine, which then knows of no end and reads on.
 *
 * <p>From a peer that ends first: in TLS 1.2 this handler stands in front of {@link SslHandler},
 * follows the records without changing them, and keeps an alert that comes after the handshake from
 * the engine; what is behind hears {@link ChannelInputShutdownEvent} instead, after the last byte.
 * An error alert ends the input as well; whoever sends one closes the connection next. In TLS 1.3
 * an alert looks like data from outside, and the peer's close_notify still ends both directions.
 *
 * <p>Event loop only.
 */
public final class TlsHalfClose extends ChannelInboundHandlerAdapter {
  private static final int HEADER_LENGTH = 5;
  private static final int TYPE = 0;
  private static final int LENGTH_HIGH = 3;
  private static final int ALERT = 21;

  private final SslHandler tls;
  private int headerSeen;
  private int lengthHigh;
  private int payloadLeft;
  private boolean ended;

  private TlsHalfClose(SslHandler tls) {
    this.tls = tls;
  }

  /**
   * Lets either side of a connection end first. To call right after TLS was added, before the first
   * byte is read.
   *
   * @throws IllegalArgumentException if the pipeline has no TLS
   */
  public static void allow(ChannelPipeline pipeline) {
    ChannelHandlerContext tls = pipeline.context(SslHandler.class);
    if (tls == null) {
      throw new IllegalArgumentException("no TLS to be half-closed");
    }
    pipeline.addBefore(tls.name(), null, new TlsHalfClose((SslHandler) tls.handler()));
  }

  /**
   * Sends a close_notify; the peer may go on sending. To call once, after the last byte was
   * flushed; nothing may be written afterwards.
   *
   * @return false: the channel has no TLS, and nothing was done
   */
  public static boolean endOutput(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      return false;
    }
    if (tls.engine() instanceof ReferenceCountedOpenSslEngine engine && sendsCloseNotify(engine)) {
      channel.flush(); // makes the handler take out of the engine what BoringSSL has written
    } else {
      tls.closeOutbound();
    }
    return true;
  }

  /** False: there is no session any more that could. */
  private static boolean sendsCloseNotify(ReferenceCountedOpenSslEngine engine) {
    synchronized (engine) { // as each method of the engine does, before it touches the pointer
      if (engine.refCnt() == 0 || engine.isOutboundDone()) {
        return false;
      }
      SSL.shutdownSSL(engine.sslPointer());
      // 0 as long as the peer has not ended its half; the queue of errors is not left for others.
      SSL.clearError();
      return true;
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof ByteBuf bytes)) {
      ctx.fireChannelRead(message);
      return;
    }
    if (ended) {
      // Nothing that follows a close_notify counts (RFC 5246 §7.2.1).
      bytes.release();
      return;
    }
    int alert = nextAlert(bytes, bytes.readerIndex(), /* known= */ false);
    while (alert >= 0) {
      int before = alert - bytes.readerIndex();
      if (before > 0) {
        // The handshake may end in these bytes.
        ctx.fireChannelRead(bytes.readRetainedSlice(before));
      }
      if (endsInput()) {
        ended = true;
        bytes.release();
        ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        return;
      }
      alert = nextAlert(bytes, alert, /* known= */ true);
    }
    if (bytes.isReadable()) {
      ctx.fireChannelRead(bytes);
    } else {
      bytes.release();
    }
  }

  /**
   * Follows the records from an index on.
   *
   * @param known whether an alert that begins right there is to be passed over
   * @return where an alert begins, or -1
   */
  private int nextAlert(ByteBuf bytes, int from, boolean known) {
    int end = bytes.writerIndex();
    int at = from;
    boolean passOver = known;
    while (at < end) {
      if (payloadLeft > 0) {
        int skipped = Math.min(payloadLeft, end - at);
        payloadLeft -= skipped;
        at += skipped;
        continue;
      }
      int octet = bytes.getUnsignedByte(at);
      switch (headerSeen) {
        case TYPE -> {
          if (octet == ALERT && !passOver) {
            return at;
          }
          passOver = false;
        }
        case LENGTH_HIGH -> lengthHigh = octet;
        default -> {}
      }
      at++;
      headerSeen++;
      if (headerSeen == HEADER_LENGTH) {
        headerSeen = 0;
        payloadLeft = lengthHigh << 8 | octet;
      }
    }
    return -1;
  }

  private boolean endsInput() {
    Future<Channel> handshake = tls.handshakeFuture();
    return handshake.isSuccess() && "TLSv1.2".equals(tls.engine().getSession().getProtocol());
  }
}
