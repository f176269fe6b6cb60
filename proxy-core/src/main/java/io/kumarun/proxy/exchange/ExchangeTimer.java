package io.kumarun.proxy.exchange;

import io.kumarun.proxy.config.HttpConnectionConfig;
import io.kumarun.retry.StreamDeadlines;
import io.kumarun.retry.StreamDeadlines.Expired;
import io.kumarun.retry.StreamTimeouts;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The time-outs of one exchange behind a single timer of its event loop: {@link StreamDeadlines}
 * decides, this only waits. Event loop only.
 */
final class ExchangeTimer implements Runnable {
  private final HttpExchange exchange;
  private final EventLoop loop;
  private final HttpConnectionConfig config;
  private final StreamDeadlines deadlines;
  private long endOfStreamNanos = StreamDeadlines.NEVER;
  private long armedFor = StreamDeadlines.NEVER;
  private @Nullable Future<?> armed;
  private boolean stopped;

  ExchangeTimer(
      HttpExchange exchange, EventLoop loop, HttpConnectionConfig config, long startNanos) {
    this.exchange = exchange;
    this.loop = loop;
    this.config = config;
    this.deadlines =
        new StreamDeadlines(
            new StreamTimeouts(
                Duration.ZERO, config.streamIdleTimeout(), config.requestHeadersTimeout()),
            startNanos);
  }

  void headersComplete() {
    deadlines.headersComplete(System.nanoTime());
  }

  /** The request waits before it has a route. */
  void waiting() {
    arm();
  }

  /**
   * The time-outs of the route hold from here on; arms the timer once for all of them.
   *
   * @param complete the whole request is there
   */
  void routed(
      Duration request, @Nullable Duration idle, Duration maxStreamDuration, boolean complete) {
    long now = System.nanoTime();
    deadlines.routed(
        new StreamTimeouts(
            request,
            idle == null ? config.streamIdleTimeout() : idle,
            config.requestHeadersTimeout()),
        now);
    if (!maxStreamDuration.isZero()) {
      endOfStreamNanos = now + maxStreamDuration.toNanos();
    }
    if (complete) {
      deadlines.requestComplete(now);
    }
    arm();
  }

  void activity() {
    deadlines.activity(System.nanoTime());
  }

  void requestComplete() {
    deadlines.requestComplete(System.nanoTime());
    arm();
  }

  void responseBegun() {
    deadlines.responseBegun(System.nanoTime());
  }

  void stop() {
    stopped = true;
    deadlines.ended();
    if (armed != null) {
      armed.cancel(false);
    }
  }

  private void arm() {
    if (stopped) {
      return;
    }
    long next = deadlines.nextCheckNanos();
    if (endOfStreamNanos != StreamDeadlines.NEVER
        && (next == StreamDeadlines.NEVER || endOfStreamNanos - next < 0)) {
      next = endOfStreamNanos;
    }
    if (next == StreamDeadlines.NEVER || (armed != null && next - armedFor >= 0)) {
      return;
    }
    if (armed != null) {
      armed.cancel(false);
    }
    armedFor = next;
    armed = loop.schedule(this, Math.max(1, next - System.nanoTime()), TimeUnit.NANOSECONDS);
  }

  @Override
  public void run() {
    armed = null;
    if (stopped) {
      return;
    }
    long now = System.nanoTime();
    Expired expired = deadlines.expired(now);
    if (expired != Expired.NONE) {
      exchange.onTimeout(expired);
    } else if (endOfStreamNanos != StreamDeadlines.NEVER && now - endOfStreamNanos >= 0) {
      exchange.onMaxStreamDuration();
    }
    arm();
  }
}
