package io.kumarun.proxy.http;

import io.netty.buffer.ByteBuf;

/**
 * Receives what the peer of a stream sends. Event loop only. Headers and trailers belong to the
 * handler once given.
 */
public interface HttpStreamHandler {

  /** A 1xx response before the final one; only clients hear of it. */
  default void onInformational(HeaderMap headers) {}

  /** The head; on a client the final response's. */
  void onHeaders(HeaderMap headers, boolean endStream);

  /**
   * Body bytes, which the handler must release.
   *
   * @param data possibly empty when {@code endStream}
   */
  void onData(ByteBuf data, boolean endStream);

  /** Trailers: the end of the incoming half. */
  void onTrailers(HeaderMap trailers);

  /** The stream is over, in both directions; nothing follows. */
  void onReset(StreamError error);

  /** {@link HttpStream#isWritable} changed. */
  void onWritabilityChanged();
}
