package io.kumarun.retry;

import static io.kumarun.retry.StreamDeadlines.Expired.NONE;
import static io.kumarun.retry.StreamDeadlines.Expired.REQUEST_HEADERS_TIMEOUT;
import static io.kumarun.retry.StreamDeadlines.Expired.REQUEST_TIMEOUT;
import static io.kumarun.retry.StreamDeadlines.Expired.REQUEST_TIMEOUT_RESPONSE_BEGUN;
import static io.kumarun.retry.StreamDeadlines.Expired.STREAM_IDLE_NO_RESPONSE;
import static io.kumarun.retry.StreamDeadlines.Expired.STREAM_IDLE_REQUEST_INCOMPLETE;
import static io.kumarun.retry.StreamDeadlines.Expired.STREAM_IDLE_RESPONSE_BEGUN;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamDeadlinesTest {
  private static final long MS = 1_000_000;

  @Test
  void theHeadOfTheRequestHasItsOwnTimeout() {
    StreamDeadlines deadlines = new StreamDeadlines(timeouts(0, 600, 500), 0);
    assertThat(deadlines.nextCheckNanos()).isEqualTo(500 * MS);
    assertThat(deadlines.expired(500 * MS - 1)).isEqualTo(NONE);
    assertThat(deadlines.expired(500 * MS)).isEqualTo(REQUEST_HEADERS_TIMEOUT);

    deadlines.headersComplete(499 * MS);
    assertThat(deadlines.expired(500 * MS)).isEqualTo(NONE);
    assertThat(deadlines.nextCheckNanos()).isEqualTo((499 + 600) * MS);
  }

  @Test
  void trickledHeaderBytesDoNotExtendTheTimeoutOfTheHead() {
    StreamDeadlines deadlines = new StreamDeadlines(timeouts(0, 600, 500), 0);
    deadlines.activity(450 * MS);
    assertThat(deadlines.expired(500 * MS)).isEqualTo(REQUEST_HEADERS_TIMEOUT);
  }

  @Test
  void idleInTheMiddleOfTheRequest() {
    StreamDeadlines deadlines = new StreamDeadlines(timeouts(0, 600, 0), 0);
    deadlines.headersComplete(0);
    assertThat(deadlines.expired(600 * MS)).isEqualTo(STREAM_IDLE_REQUEST_INCOMPLETE);
  }

  @Test
  void idleAfterTheRequestBeforeTheResponse() {
    StreamDeadlines deadlines = new StreamDeadlines(timeouts(0, 600, 0), 0);
    deadlines.requestComplete(10 * MS);
    assertThat(deadlines.expired(609 * MS)).isEqualTo(NONE);
    assertThat(deadlines.expired(610 * MS)).isEqualTo(STREAM_IDLE_NO_RESPONSE);
  }

  @Test
  void idleInTheMiddleOfTheResponse() {
    StreamDeadlines deadlines = new StreamDeadlines(timeouts(0, 600, 0), 0);
    deadlines.requestComplete(0);
    deadlines.responseBegun(100 * MS);
    deadlines.activity(300 * MS);
    assertThat(deadlines.expired(899 * MS)).isEqualTo(NONE);
    assertThat(deadlines.expired(900 * MS)).isEqualTo(STREAM_IDLE_RESPONSE_BEGUN);
  }

  @Test
  void theRequestTimeoutRunsFromTheEndOfTheRequestAndActivityDoesNotExtendIt() {
    StreamDeadlines deadlines = new StreamDeadlines(timeouts(300, 1_000, 0), 0);
    deadlines.headersComplete(0);
    assertThat(deadlines.expired(500 * MS)).isEqualTo(NONE);
    deadlines.requestComplete(500 * MS);
    deadlines.activity(700 * MS);
    assertThat(deadlines.nextCheckNanos()).isEqualTo(800 * MS);
    assertThat(deadlines.expired(799 * MS)).isEqualTo(NONE);
    assertThat(deadlines.expired(800 * MS)).isEqualTo(REQUEST_TIMEOUT);
    deadlines.responseBegun(799 * MS);
    assertThat(deadlines.expired(800 * MS)).isEqualTo(REQUEST_TIMEOUT_RESPONSE_BEGUN);
  }

  @Test
  void aSecondEndOfTheRequestDoesNotMoveItsTimeout() {
    StreamDeadlines deadlines = new StreamDeadlines(timeouts(300, 0, 0), 0);
    deadlines.requestComplete(0);
    deadlines.requestComplete(200 * MS);
    assertThat(deadlines.nextCheckNanos()).isEqualTo(300 * MS);
  }

  @Test
  void theTimeoutsOfTheRouteReplaceThoseOfTheConnection() {
    StreamDeadlines deadlines = new StreamDeadlines(timeouts(0, 600, 0), 0);
    deadlines.routed(timeouts(0, 200, 0), 0);
    assertThat(deadlines.nextCheckNanos()).isEqualTo(200 * MS);
    deadlines.routed(timeouts(0, 0, 0), 0);
    assertThat(deadlines.nextCheckNanos()).isEqualTo(StreamDeadlines.NEVER);
    assertThat(deadlines.expired(Long.MAX_VALUE / 4)).isEqualTo(NONE);
  }

  @Test
  void nothingExpiresAfterTheEnd() {
    StreamDeadlines deadlines = new StreamDeadlines(timeouts(1, 1, 1), 0);
    deadlines.ended();
    assertThat(deadlines.expired(10 * MS)).isEqualTo(NONE);
    assertThat(deadlines.nextCheckNanos()).isEqualTo(StreamDeadlines.NEVER);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE, Long.MAX_VALUE - 5, Long.MIN_VALUE + 3})
  void theOriginOfTheClockDoesNotMatter(long start) {
    StreamDeadlines deadlines = new StreamDeadlines(timeouts(300, 200, 0), start);
    deadlines.requestComplete(start + 50 * MS);
    deadlines.activity(start + 149 * MS);
    assertThat(deadlines.nextCheckNanos() - start).isEqualTo(349 * MS);
    assertThat(deadlines.expired(start + 349 * MS - 1)).isEqualTo(NONE);
    assertThat(deadlines.expired(start + 349 * MS)).isEqualTo(STREAM_IDLE_NO_RESPONSE);
    assertThat(deadlines.expired(start + 350 * MS)).isEqualTo(REQUEST_TIMEOUT);
  }

  @Test
  void aTimeoutOfAgesIsNoOverflow() {
    StreamDeadlines deadlines =
        new StreamDeadlines(
            new StreamTimeouts(Duration.ofDays(1_000_000), Duration.ZERO, Duration.ZERO), 0);
    deadlines.requestComplete(0);
    assertThat(deadlines.expired(Duration.ofDays(300).toNanos())).isEqualTo(NONE);
  }

  private static StreamTimeouts timeouts(long request, long streamIdle, long requestHeaders) {
    return new StreamTimeouts(
        Duration.ofMillis(request),
        Duration.ofMillis(streamIdle),
        Duration.ofMillis(requestHeaders));
  }
}
