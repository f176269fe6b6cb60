package io.kumarun.proxy.http.h1;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HttpClientConnection;
import io.kumarun.proxy.http.HttpStream;
import io.kumarun.proxy.http.HttpStreamHandler;
import io.kumarun.proxy.http.StreamError;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client side of an HTTP/1.1 connection (RFC 9112), as the last inbound handler of a pipeline.
 * It works from the moment it is added. One exchange at a time, no pipelining. Event loop only.
 *
 * <ul>
 *   <li>A response that breaks the framing rules resets the stream with {@link
 *       StreamError#PROTOCOL_ERROR} and closes the connection.
 *   <li>A response that ends before its request was written completely ends the stream: what is
 *       still written is released, and the connection closes.
 *   <li>Bytes that no request asked for close the connection.
 *   <li>After a 101 to a request with {@code upgrade}, or a 2xx to a CONNECT, the rest of the
 *       connection is the two bodies of the stream, which may be written to again even if the
 *       request had ended.
 * </ul>
 */
public final class Http1ClientConnection extends Http1Connection implements HttpClientConnection {
  private static final Logger log = LoggerFactory.getLogger(Http1ClientConnection.class);

  private final Listener listener;
  private final Http1ResponseParser parser;
  private @Nullable Http1ClientStream stream;
  private boolean draining;
  private boolean drainingTold;

  /**
   * @param listener the pool that owns the connection
   */
  public Http1ClientConnection(Listener listener, Http1Limits limits) {
    super(limits);
    this.listener = listener;
    this.parser = new Http1ResponseParser(limits);
  }

  @Override
  public HttpStream newStream(HttpStreamHandler handler) {
    if (availableStreams() == 0) {
      throw new IllegalStateException(
          "HTTP/1.1 connection " + channel() + " is busy or closing; ask availableStreams first");
    }
    Http1ClientStream begun = new Http1ClientStream(this, handler);
    stream = begun;
    return begun;
  }

  @Override
  public int availableStreams() {
    return stream == null && !draining && isOpen() && channel().isActive() ? 1 : 0;
  }

  @Override
  public int activeStreams() {
    return stream == null ? 0 : 1;
  }

  @Override
  public void drain() {
    beginDraining();
    if (stream == null) {
      closeAfterFlush();
    }
  }

  private void beginDraining() {
    draining = true;
    if (!drainingTold) {
      drainingTold = true;
      listener.onDraining(this);
    }
  }

  /** A request begins to be written. */
  void onRequest(AsciiString method, boolean upgrade) {
    parser.expect(method, upgrade);
  }

  @Override
  boolean isWaiting() {
    return false;
  }

  @Override
  boolean step(ByteBuf in) {
    Http1ClientStream open = stream;
    if (open == null || !open.headWritten()) {
      if (in.isReadable()) {
        closeUnsolicited(open);
      }
      return false;
    }
    if (in.isReadable()) {
      open.onBytes();
    }
    switch (parser.advance(in)) {
      case NEED_MORE -> {
        return false;
      }
      case HEAD -> onHead(open);
      case DATA -> open.onData(parser.takeData(), parser.ended());
      case TRAILERS -> open.onTrailers(parser.takeTrailers());
      case VIOLATION -> {
        log.debug("{}: no HTTP/1.1 response: {}", channel(), parser.violation());
        stream = null;
        abort();
        open.terminate(StreamError.PROTOCOL_ERROR);
      }
    }
    if (stream == open && parser.ended()) {
      onResponseEnded(open);
    }
    return true;
  }

  private void onHead(Http1ClientStream open) {
    if (parser.informational()) {
      HeaderMap head = parser.takeHead();
      parser.next();
      open.onInformational(head);
      return;
    }
    if (!parser.persistent()) {
      beginDraining();
    }
    if (parser.tunnel()) {
      open.beginTunnel();
    }
    open.onHeaders(parser.takeHead(), parser.ended());
  }

  private void onResponseEnded(Http1ClientStream ended) {
    stream = null;
    ended.finish();
    if (ended.requestEnded() && !draining && !hasInput()) {
      parser.next();
      setPaused(false);
      listener.onStreamsAvailable(this);
    } else {
      beginDraining();
      abort();
    }
  }

  /** Bytes before a request, as the 408 of a server that closes: they belong to no exchange. */
  private void closeUnsolicited(@Nullable Http1ClientStream open) {
    log.debug("{}: closed, bytes came that no request asked for", channel());
    stream = null;
    beginDraining();
    abort();
    if (open != null) {
      open.terminate(StreamError.CONNECTION_TERMINATION);
    }
  }

  /** The stream is given up, and with it the connection. */
  void onStreamReset() {
    stream = null;
    abort();
  }

  @Override
  void onInputEnded() {
    Http1ClientStream open = stream;
    stream = null;
    if (open != null) {
      if (open.headReceived() && parser.endsWithConnection() && !isBroken()) {
        open.onEndOfInput();
      } else {
        open.terminate(StreamError.CONNECTION_TERMINATION);
      }
    }
    listener.onClosed(this);
  }

  @Override
  void onWritabilityChanged() {
    Http1ClientStream open = stream;
    if (open != null) {
      open.onWritabilityChanged();
    }
  }
}
