package io.kumarun.proxy.cluster;

import io.kumarun.proxy.http.HttpStream;
import io.kumarun.proxy.http.HttpStreamHandler;
import io.kumarun.proxy.http.StreamError;

/** Who waits for a stream to an endpoint. Event loop only; exactly one of the two is called. */
public interface PoolListener {

  /** Receives the response once {@link #onStream} was called. */
  HttpStreamHandler responseHandler();

  /**
   * A stream began; the request may be written.
   *
   * @param reused the connection was there before it was asked for: its peer may be about to close
   *     it, or has, and nobody knows yet
   */
  void onStream(HttpStream stream, boolean reused);

  /** No stream can be had. */
  void onPoolFailure(StreamError error, String detail);
}
