package io.kumarun.proxy.http.h2;

/**
 * What one HTTP/2 connection may cost. Sizes are bytes.
 *
 * @param maxConcurrentStreams streams open at a time, on a server as advertised to the peer, on a
 *     client as a bound on what the peer allows. Envoy's default is 2^31-1; a bound is kept because
 *     each stream costs memory. Not below 100: a peer may open that many before it has read our
 *     SETTINGS, and Netty enforces the limit from the first frame on
 * @param initialStreamWindow body bytes that a stream may have in flight to us
 * @param connectionWindow body bytes that all streams together may have in flight to us: the bound
 *     on what paused streams can make this proxy hold. Streams that are paused with a full window
 *     stall the others once there are {@code connectionWindow / initialStreamWindow} of them
 * @param maxHeaderListSize of a decoded head with 32 bytes added per field (RFC 9113 §6.5.2);
 *     Envoy's {@code max_request_headers_kb}
 * @param maxHeaderFields fields in a head, Envoy's {@code max_headers_count}
 * @param maxFrameSize largest frame payload taken
 * @param maxResetsPerWindow on a server, RST_STREAM frames taken from the peer, and separately
 *     streams reset for a fault of the peer's, per {@code resetWindowSeconds}; then GOAWAY
 *     (ENHANCE_YOUR_CALM). An honest peer multiplexes the cancellations of all its clients on one
 *     connection, so the limit is far above what a single client would do
 * @param resetWindowSeconds the window of {@code maxResetsPerWindow}
 * @param maxEmptyDataFrames consecutive DATA frames without bytes and without END_STREAM
 * @param maxSmallContinuations CONTINUATION frames below 8 KiB in one header block
 * @param maxQueuedControlFrames answers (acknowledgements, resets) that wait for a peer that does
 *     not read
 */
public record Http2Limits(
    int maxConcurrentStreams,
    int initialStreamWindow,
    int connectionWindow,
    int maxHeaderListSize,
    int maxHeaderFields,
    int maxFrameSize,
    int maxResetsPerWindow,
    int resetWindowSeconds,
    int maxEmptyDataFrames,
    int maxSmallContinuations,
    int maxQueuedControlFrames) {

  private static final int LARGEST_WINDOW = Integer.MAX_VALUE;
  private static final int SMALLEST_MAX_FRAME = 1 << 14;
  private static final int LARGEST_MAX_FRAME = (1 << 24) - 1;

  public static final Http2Limits DEFAULT =
      new Http2Limits(
          1024, 256 << 10, 2 << 20, 60 << 10, 100, SMALLEST_MAX_FRAME, 5000, 10, 16, 16, 1000);

  public Http2Limits {
    require("maxConcurrentStreams", maxConcurrentStreams, 1, Integer.MAX_VALUE);
    require("initialStreamWindow", initialStreamWindow, 1, LARGEST_WINDOW);
    require("connectionWindow", connectionWindow, 65_535, LARGEST_WINDOW);
    require("maxHeaderListSize", maxHeaderListSize, 1, Integer.MAX_VALUE);
    require("maxHeaderFields", maxHeaderFields, 1, Integer.MAX_VALUE);
    require("maxFrameSize", maxFrameSize, SMALLEST_MAX_FRAME, LARGEST_MAX_FRAME);
    require("maxResetsPerWindow", maxResetsPerWindow, 1, Integer.MAX_VALUE);
    require("resetWindowSeconds", resetWindowSeconds, 1, 3600);
    require("maxEmptyDataFrames", maxEmptyDataFrames, 1, Integer.MAX_VALUE);
    require("maxSmallContinuations", maxSmallContinuations, 1, Integer.MAX_VALUE);
    require("maxQueuedControlFrames", maxQueuedControlFrames, 1, Integer.MAX_VALUE);
  }

  private static void require(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + " is " + value + ", expected " + min + " to " + max);
    }
  }

  /** These limits with other windows. */
  public Http2Limits withWindows(int stream, int connection) {
    return new Http2Limits(
        maxConcurrentStreams,
        stream,
        connection,
        maxHeaderListSize,
        maxHeaderFields,
        maxFrameSize,
        maxResetsPerWindow,
        resetWindowSeconds,
        maxEmptyDataFrames,
        maxSmallContinuations,
        maxQueuedControlFrames);
  }

  /** These limits with another number of streams. */
  public Http2Limits withMaxConcurrentStreams(int streams) {
    return new Http2Limits(
        streams,
        initialStreamWindow,
        connectionWindow,
        maxHeaderListSize,
        maxHeaderFields,
        maxFrameSize,
        maxResetsPerWindow,
        resetWindowSeconds,
        maxEmptyDataFrames,
        maxSmallContinuations,
        maxQueuedControlFrames);
  }
}
