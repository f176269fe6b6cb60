package io.kumarun.proxy.http.h1;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HttpServerConnection;
import io.kumarun.proxy.http.HttpStreamAcceptor;
import io.kumarun.proxy.http.HttpStreamHandler;
import io.kumarun.proxy.http.StreamError;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOption;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server side of an HTTP/1.1 connection (RFC 9112), as the last inbound handler of a pipeline.
 * It works from the moment it is added. One exchange at a time: what a peer pipelines waits, unread
 * beyond one read, until the exchange under way has ended. Event loop only.
 *
 * <ul>
 *   <li>A request that breaks the framing rules is answered (400, 426, 431, 501) if no response has
 *       begun, and the connection closes; an open stream is reset with {@link
 *       StreamError#PROTOCOL_ERROR} before the acceptor hears of it.
 *   <li>A head that takes too long from its first byte on is answered, too ({@link
 *       HttpStreamAcceptor#onHeadTimeout}), and the connection closes.
 *   <li>A response that ends before its request has ended also ends the stream: the handler hears
 *       nothing more, and the connection closes without losing the response.
 *   <li>A CONNECT request never ends on its own; a {@code :status} of 2xx makes the rest of the
 *       connection its two bodies. {@code :status: 101} does the same to a request with {@code
 *       upgrade}: although the request had ended, the peer's further bytes come to {@link
 *       HttpStreamHandler#onData}.
 * </ul>
 */
public final class Http1ServerConnection extends Http1Connection implements HttpServerConnection {
  private static final Logger log = LoggerFactory.getLogger(Http1ServerConnection.class);

  private final HttpStreamAcceptor acceptor;
  private final Http1RequestParser parser;
  private @Nullable Http1ServerStream stream;
  private @Nullable Future<?> headTimeout;
  private boolean draining;

  /**
   * @param acceptor takes the requests
   */
  public Http1ServerConnection(HttpStreamAcceptor acceptor, Http1Limits limits) {
    super(limits);
    this.acceptor = acceptor;
    this.parser = new Http1RequestParser(limits);
  }

  @Override
  public void drain() {
    draining = true;
  }

  @Override
  public int activeStreams() {
    return stream == null ? 0 : 1;
  }

  boolean draining() {
    return draining;
  }

  @Override
  boolean isWaiting() {
    return stream != null && parser.blocked();
  }

  @Override
  boolean step(ByteBuf in) {
    switch (parser.advance(in)) {
      case NEED_MORE -> {
        // Most heads come in one piece and have no timer at all.
        if (stream == null && headTimeout == null && (in.isReadable() || parser.insideHead())) {
          awaitHead();
        }
        return false;
      }
      case HEAD -> beginStream();
      case DATA -> {
        ByteBuf data = parser.takeData();
        Http1ServerStream current = stream;
        if (current == null) {
          data.release();
        } else {
          current.onData(data, parser.ended());
        }
      }
      case TRAILERS -> {
        Http1ServerStream current = stream;
        if (current != null) {
          current.onTrailers(parser.takeTrailers());
        }
      }
      case VIOLATION -> onViolation(parser.violation());
    }
    return true;
  }

  private void awaitHead() {
    long nanos = acceptor.headTimeoutNanos();
    if (nanos > 0) {
      headTimeout = ctx().executor().schedule(this::onHeadTimeout, nanos, TimeUnit.NANOSECONDS);
    }
  }

  private void headEnded() {
    if (headTimeout != null) {
      headTimeout.cancel(false);
      headTimeout = null;
    }
  }

  private void onHeadTimeout() {
    headTimeout = null;
    if (!isOpen()) {
      return;
    }
    Http1ServerStream answering = new Http1ServerStream(this);
    stream = answering;
    acceptor.onHeadTimeout(answering);
    if (stream == answering) {
      onStreamReset();
    }
  }

  private void beginStream() {
    headEnded();
    Http1ServerStream begun = new Http1ServerStream(this, parser);
    stream = begun;
    begun.begin(acceptor.newStream(begun), parser.takeHead(), parser.ended());
  }

  private void onViolation(Http1Violation violation) {
    headEnded();
    Http1ServerStream open = stream;
    stream = null;
    log.debug("{}: no HTTP/1.1 request: {}", channel(), violation);
    int answered = 0;
    if (open == null || !open.headWritten()) {
      answered = violation.status();
      HeaderMap head = new HeaderMap(4);
      acceptor.completeHead(head);
      ByteBuf response = ctx().alloc().directBuffer(256);
      response.writeBytes(StatusLines.of(answered, true));
      OutgoingFields.encode(head, response);
      response.writeBytes(FramingLines.CONNECTION_CLOSE);
      if (violation.isExplained()) {
        FramingLines.writeText(StatusLines.reasonOf(answered), response);
      } else {
        response.writeBytes(FramingLines.CONTENT_LENGTH_0);
        OutgoingFields.endLine(response);
      }
      write(response);
    }
    linger();
    if (open != null) {
      open.terminate(StreamError.PROTOCOL_ERROR);
    }
    acceptor.onProtocolError(answered, violation.details());
  }

  /** The response is complete, and with it the exchange. */
  void onResponseEnded(boolean requestEnded, boolean close) {
    stream = null;
    if (!requestEnded) {
      linger();
    } else if (close) {
      // Only as announced: a drain that begins after the head was written leaves it to the next
      // response to say so, or the peer's next request may already be on its way.
      if (hasInput()) {
        linger();
      } else {
        closeAfterFlush();
      }
    } else {
      parser.next();
      setPaused(false);
      processLater();
    }
  }

  /** The peer's bytes are a tunnel's from here on. */
  void switchToTunnel() {
    parser.switchToTunnel();
    processLater();
  }

  /** The stream is given up: the peer must not take the response for complete. */
  void onStreamReset() {
    stream = null;
    if (body().endsWithConnection()) {
      channel().config().setOption(ChannelOption.SO_LINGER, 0);
    }
    abort();
  }

  @Override
  void onInputEnded() {
    headEnded();
    Http1ServerStream open = stream;
    stream = null;
    if (open != null) {
      open.terminate(StreamError.CONNECTION_TERMINATION);
    }
  }

  @Override
  void onWritabilityChanged() {
    Http1ServerStream open = stream;
    if (open != null) {
      open.onWritabilityChanged();
    }
  }
}
