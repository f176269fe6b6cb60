package io.kumarun.proxy.http.h2;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.concurrent.TimeUnit;

/**
 * Ends a connection whose peer makes it answer without end: by frames that want an acknowledgement
 * and are never read, or by faults that each cost a reset. What Netty's own guards of the decoder
 * do not see. Event loop only.
 */
final class FloodGuard {
  private final int maxQueuedControlFrames;
  private final int maxFaults;
  private final long windowNanos;
  private int queuedControlFrames;
  private int faults;
  private long windowStart;

  FloodGuard(Http2Limits limits) {
    this.maxQueuedControlFrames = limits.maxQueuedControlFrames();
    this.maxFaults = limits.maxResetsPerWindow();
    this.windowNanos = TimeUnit.SECONDS.toNanos(limits.resetWindowSeconds());
  }

  /** An answer was written: counted while the peer does not take what was written before. */
  void onControlFrameWritten(ChannelHandlerContext ctx) throws Http2Exception {
    if (ctx.channel().isWritable()) {
      queuedControlFrames = 0;
      return;
    }
    if (++queuedControlFrames > maxQueuedControlFrames) {
      ctx.flush();
      if (!ctx.channel().isWritable()) {
        throw Http2Exception.connectionError(
            Http2Error.ENHANCE_YOUR_CALM,
            "%d control frames wait for a peer that does not read",
            queuedControlFrames);
      }
      queuedControlFrames = 0;
    }
  }

  /**
   * The peer broke a rule that costs a reset.
   *
   * @param nanoTime of the system's clock
   * @return whether it did so once too often
   */
  boolean isFaultTooMany(long nanoTime) {
    if (faults == 0 || nanoTime - windowStart >= windowNanos) {
      windowStart = nanoTime;
      faults = 0;
    }
    return ++faults > maxFaults;
  }
}
