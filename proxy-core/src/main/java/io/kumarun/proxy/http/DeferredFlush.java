package io.kumarun.proxy.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.EventExecutor;

/**
 * Flushes a channel once per turn of its event loop, however many writes asked for it: tasks run
 * after all sockets of the turn were read, so the writes of one read batch leave in one system
 * call. Event loop only.
 */
public final class DeferredFlush implements Runnable {
  private final EventExecutor executor;
  private final Runnable flush;
  private boolean scheduled;

  /**
   * @param ctx whose channel is flushed, from this handler towards the socket
   */
  public DeferredFlush(ChannelHandlerContext ctx) {
    this(ctx.executor(), ctx::flush);
  }

  /**
   * @param flush what to do instead, for a handler that has to flush buffers of its own
   */
  public DeferredFlush(EventExecutor executor, Runnable flush) {
    this.executor = executor;
    this.flush = flush;
  }

  /** Asks for a flush at the end of this turn. */
  public void request() {
    if (!scheduled) {
      scheduled = true;
      executor.execute(this);
    }
  }

  @Override
  public void run() {
    scheduled = false;
    flush.run();
  }
}
