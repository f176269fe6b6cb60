package io.kumarun.retry;

import java.time.Duration;

/**
 * The time-outs of one exchange; zero switches one off.
 *
 * @param request from the end of the request to the end of the response (Envoy's {@code
 *     route.timeout}); fires 504
 * @param streamIdle without any event in either direction (Envoy's {@code stream_idle_timeout}, a
 *     route's {@code idle_timeout} before it); before the response began it fires 504 if the
 *     request was complete and 408 if not, afterwards a reset
 * @param requestHeaders until the head of the request is complete
 */
public record StreamTimeouts(Duration request, Duration streamIdle, Duration requestHeaders) {}
