package io.kumarun.retry;

import java.time.Duration;

/**
 * Decides which of a stream's time-outs has passed. The caller reports events and keeps one timer:
 * armed for {@link #nextCheckNanos}, and when it fires {@link #expired} says what happened, or
 * {@link Expired#NONE}, and the timer is armed again. An event only stores its time, so traffic
 * neither cancels nor arms a timer.
 *
 * <p>Times are those of one monotonic nanosecond clock, {@link System#nanoTime}: only differences
 * mean anything. Not thread-safe: event loop only. Allocates nothing after construction.
 *
 * <p>The rules are Envoy's:
 *
 * <ul>
 *   <li>{@code request_headers_timeout} runs from the first byte of the request until its head is
 *       complete: 408 "request header timeout".
 *   <li>{@code stream_idle_timeout}, or the route's {@code idle_timeout} in its place, runs from
 *       the last event in either direction: "stream timeout" with flag SI, 504 if the request was
 *       complete, else 408. Once the response began, the stream is reset instead.
 *   <li>{@code route.timeout} runs from the end of the request to the end of the response: 504
 *       "upstream request timeout" with flag UT. Once the response began, the stream is reset
 *       instead.
 * </ul>
 *
 * <p>(Envoy: "How do I configure timeouts?"; the statuses and flags were compared with Envoy 1.40.)
 */
public final class StreamDeadlines {
  /** What {@link #nextCheckNanos} answers when nothing is running. */
  public static final long NEVER = Long.MAX_VALUE;

  /** What a stream ran into. */
  public enum Expired {
    /** Nothing yet: arm the timer again. */
    NONE,
    /** The head of the request did not arrive in time: 408. */
    REQUEST_HEADERS_TIMEOUT,
    /** Idle while the request was incomplete and no response had begun: 408, flag SI. */
    STREAM_IDLE_REQUEST_INCOMPLETE,
    /** Idle after the whole request, before the response began: 504, flag SI. */
    STREAM_IDLE_NO_RESPONSE,
    /** Idle in the middle of the response: reset, flag SI. */
    STREAM_IDLE_RESPONSE_BEGUN,
    /** No response to the whole request: 504, flag UT. */
    REQUEST_TIMEOUT,
    /** The response did not end in time: reset, flag UT. */
    REQUEST_TIMEOUT_RESPONSE_BEGUN
  }

  private final long requestHeadersNanos;
  private long streamIdleNanos;
  private long requestNanos;

  private final long startNanos;
  private long activityNanos;
  private long requestCompleteNanos;
  private boolean headersComplete;
  private boolean requestComplete;
  private boolean responseBegun;
  private boolean ended;

  /** The stream began at {@code nowNanos}, with the time-outs known before a route is. */
  public StreamDeadlines(StreamTimeouts timeouts, long nowNanos) {
    requestHeadersNanos = nanos(timeouts.requestHeaders());
    streamIdleNanos = nanos(timeouts.streamIdle());
    requestNanos = nanos(timeouts.request());
    startNanos = nowNanos;
    activityNanos = nowNanos;
  }

  /**
   * A route was chosen: its time-outs replace those so far, except that for the head of the
   * request.
   */
  public void routed(StreamTimeouts timeouts, long nowNanos) {
    streamIdleNanos = nanos(timeouts.streamIdle());
    requestNanos = nanos(timeouts.request());
    activityNanos = nowNanos;
  }

  public void headersComplete(long nowNanos) {
    headersComplete = true;
    activityNanos = nowNanos;
  }

  /** Bytes or a head moved, in either direction. */
  public void activity(long nowNanos) {
    activityNanos = nowNanos;
  }

  /** The whole request was received. Later calls change nothing. */
  public void requestComplete(long nowNanos) {
    headersComplete = true;
    activityNanos = nowNanos;
    if (!requestComplete) {
      requestComplete = true;
      requestCompleteNanos = nowNanos;
    }
  }

  /** The head of the final response (not of a 1xx) is on its way downstream. */
  public void responseBegun(long nowNanos) {
    responseBegun = true;
    activityNanos = nowNanos;
  }

  /** The stream is over: nothing expires any more. */
  public void ended() {
    ended = true;
  }

  /**
   * When to call {@link #expired} next, on the clock of the events; {@link #NEVER} if no time-out
   * is running. A later event can only move it further away, except for {@link #routed} and {@link
   * #requestComplete}: after these two the timer must be armed again.
   */
  public long nextCheckNanos() {
    if (ended) {
      return NEVER;
    }
    long next = NEVER;
    if (!headersComplete) {
      next = earlier(next, startNanos, requestHeadersNanos);
    }
    if (requestComplete) {
      next = earlier(next, requestCompleteNanos, requestNanos);
    }
    return earlier(next, activityNanos, streamIdleNanos);
  }

  /** What has expired at {@code nowNanos}. Asking changes nothing. */
  public Expired expired(long nowNanos) {
    if (ended) {
      return Expired.NONE;
    }
    if (!headersComplete && passed(startNanos, requestHeadersNanos, nowNanos)) {
      return Expired.REQUEST_HEADERS_TIMEOUT;
    }
    if (requestComplete && passed(requestCompleteNanos, requestNanos, nowNanos)) {
      return responseBegun ? Expired.REQUEST_TIMEOUT_RESPONSE_BEGUN : Expired.REQUEST_TIMEOUT;
    }
    if (passed(activityNanos, streamIdleNanos, nowNanos)) {
      if (responseBegun) {
        return Expired.STREAM_IDLE_RESPONSE_BEGUN;
      }
      return requestComplete
          ? Expired.STREAM_IDLE_NO_RESPONSE
          : Expired.STREAM_IDLE_REQUEST_INCOMPLETE;
    }
    return Expired.NONE;
  }

  private static boolean passed(long sinceNanos, long timeoutNanos, long nowNanos) {
    return timeoutNanos > 0 && nowNanos - sinceNanos >= timeoutNanos;
  }

  private static long earlier(long next, long sinceNanos, long timeoutNanos) {
    if (timeoutNanos <= 0) {
      return next;
    }
    long deadline = sinceNanos + timeoutNanos;
    // Differences, not values: the clock may wrap around.
    return next == NEVER || deadline - next < 0 ? deadline : next;
  }

  /** Saturating: a time-out of centuries is no overflow, and far enough from half the clock. */
  private static long nanos(Duration duration) {
    return duration.compareTo(LONGEST) >= 0 ? LONGEST.toNanos() : duration.toNanos();
  }

  private static final Duration LONGEST = Duration.ofDays(36_500);
}
