package io.kumarun.proxy.http.h1;

/**
 * What one HTTP/1.1 connection may cost. Any thread.
 *
 * @param maxHeadBytes bytes of a message's head with its line ends, and as many again for its
 *     trailers (Envoy {@code max_request_headers_kb}, 60)
 * @param maxHeaders fields of a head or of trailers (Envoy {@code max_headers_count}, 100)
 * @param maxStartLineBytes bytes of a request line or status line with its line end; part of {@code
 *     maxHeadBytes}
 * @param bodyBufferHighWater bytes waiting to be sent at which a stream is not writable any more;
 *     writable again at half of it
 * @param acceptHttp10 whether HTTP/1.0 requests are served (Envoy {@code accept_http_10}) and not
 *     answered with 426
 */
public record Http1Limits(
    int maxHeadBytes,
    int maxHeaders,
    int maxStartLineBytes,
    int bodyBufferHighWater,
    boolean acceptHttp10) {

  /** Envoy's defaults; 256 KiB of body. */
  public static final Http1Limits DEFAULT =
      new Http1Limits(60 * 1024, 100, 60 * 1024, 256 * 1024, false);

  public Http1Limits {
    if (maxHeadBytes < 64
        || maxHeaders < 1
        || maxStartLineBytes < 16
        || bodyBufferHighWater < 1024) {
      throw new IllegalArgumentException(
          "HTTP/1.1 limits too small to take any message: head %d (at least 64), headers %d (1), start line %d (16), body buffer %d (1024)"
              .formatted(maxHeadBytes, maxHeaders, maxStartLineBytes, bodyBufferHighWater));
    }
  }
}
