package io.kumarun.proxy.http.h2;

import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.TimeUnit;

/**
 * Ends a connection whose peer makes it answer without end: by frames that want an acknowledgement
 * and are never read, or by faults that each cost a reset. What Netty's own guards of the decoder
 * do not see. Event loop only.
 */
final class FloodGuard {
  private final int maxQueuedAnswers;
  private final int maxFaults;
  private final long windowNanos;
  private int queuedAnswers;
  private int faults;
  private long windowStart;

  FloodGuard(Http2Limits limits) {
    this.maxQueuedAnswers = limits.maxQueuedControlFrames();
    this.maxFaults = limits.maxResetsPerWindow();
    this.windowNanos = TimeUnit.SECONDS.toNanos(limits.resetWindowSeconds());
  }

  /**
   * An answer was written: counted while the peer does not take what was written before.
   *
   * @return whether too many wait
   */
  boolean isAnswerTooMany(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      queuedAnswers = 0;
      return false;
    }
    if (++queuedAnswers <= maxQueuedAnswers) {
      return false;
    }
    // many may have been read from the socket since the last flush
    ctx.flush();
    queuedAnswers = 0;
    return !ctx.channel().isWritable();
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
