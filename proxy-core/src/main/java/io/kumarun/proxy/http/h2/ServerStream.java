package io.kumarun.proxy.http.h2;

import static java.util.Objects.requireNonNull;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HttpStreamAcceptor;
import io.kumarun.proxy.http.HttpStreamHandler;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/** An exchange that the peer began. Event loop only. */
final class ServerStream extends CodecStream {
  private @Nullable HttpStreamHandler handler;

  ServerStream(StreamCodec codec) {
    super(codec);
  }

  /** Gives a request that has been checked to a handler. */
  void begin(Http2Stream stream, HttpStreamAcceptor acceptor, HeaderMap head, boolean endStream) {
    bind(stream);
    HttpStreamHandler newHandler = acceptor.newStream(this);
    handler = newHandler;
    if (!isOver()) {
      newHandler.onHeaders(head, endStream);
    }
  }

  @Override
  HttpStreamHandler handler() {
    return requireNonNull(handler);
  }

  @Override
  boolean peerHeadReceived() {
    return true;
  }

  @Override
  void onPeerHead(HeaderMap head, boolean endStream) {
    throw new IllegalStateException("a request has one head");
  }

  @Override
  public void writeHeaders(HeaderMap headers, boolean endStream) {
    if (!isOver() && !isLocalEnded()) {
      write(headers, endStream);
    }
  }
}
