package io.kumarun.proxy.cluster;

import io.kumarun.proxy.http.HttpStream;
import io.kumarun.proxy.http.HttpStreamHandler;
import io.kumarun.proxy.http.StreamError;

/** Who waits for a stream to an endpoint. Event loop only; exactly one of the two is called. */
public interface PoolListener {

  /** Receives the response once {@link #onStream} was called. */
  HttpStreamHandler responseHandler();

  /** A stream began; the request may be written. */
  void onStream(HttpStream stream);

  /** No stream can be had. */
  void onPoolFailure(StreamError error, String detail);
}
