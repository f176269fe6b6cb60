package io.kumarun.proxy.http.h2;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HttpServerConnection;
import io.kumarun.proxy.http.HttpStreamAcceptor;
import io.kumarun.proxy.http.StreamError;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 as a server (RFC 9113), as the last handler of a pipeline. It begins with the client's
 * connection preface, whoever told the protocols apart before. Event loop only.
 *
 * <p>A response that ends before its request is followed by RST_STREAM (NO_ERROR, RFC 9113 §8.1);
 * the handler, which wrote that end, hears no more of the stream.
 */
public final class Http2ServerConnection extends StreamCodec implements HttpServerConnection {
  private static final long DRAIN_PING = 0x6b756d6172756eL;
  private static final long DRAIN_PING_TIMEOUT_SECONDS = 5;

  private final HttpStreamAcceptor acceptor;
  private Drain drain = Drain.NONE;
  private @Nullable Future<?> drainTimeout;

  /** How far the end of a connection has come. */
  private enum Drain {
    NONE,
    /** GOAWAY was sent for no stream in particular: what is on its way still counts. */
    NOTICE,
    /** GOAWAY was sent with the last stream that is served. */
    LAST_STREAM_NAMED,
    CLOSED
  }

  private Http2ServerConnection(HttpStreamAcceptor acceptor, CodecBuilder.Parts parts) {
    super(parts);
    this.acceptor = acceptor;
  }

  /** A handler for one channel. */
  public static Http2ServerConnection create(HttpStreamAcceptor acceptor, Http2Limits limits) {
    return CodecBuilder.build(true, limits, parts -> new Http2ServerConnection(acceptor, parts));
  }

  /**
   * {@inheritDoc}
   *
   * <p>In two steps (RFC 9113 §6.8): a first GOAWAY refuses nothing, so that requests that cross it
   * are served; the second, after a round trip, names the last stream. That holds for an idle
   * connection as well: its next request may be on its way.
   */
  @Override
  public void drain() {
    if (drain != Drain.NONE || !isAdded() || !channel().isActive()) {
      return;
    }
    drain = Drain.NOTICE;
    ChannelHandlerContext ctx = ctx();
    sendGoAway(Integer.MAX_VALUE);
    encoder().writePing(ctx, false, DRAIN_PING, ctx.newPromise());
    drainTimeout =
        ctx.executor().schedule(this::nameLastStream, DRAIN_PING_TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  void onPingAck(long data) {
    if (data == DRAIN_PING) {
      nameLastStream();
    }
  }

  private void nameLastStream() {
    if (drain == Drain.NOTICE) {
      drain = Drain.LAST_STREAM_NAMED;
      cancelTimeout();
      sendGoAway(connection().remote().lastStreamCreated());
      closeIfIdle();
    }
  }

  private void closeDrained() {
    drain = Drain.CLOSED;
    cancelTimeout();
    sendGoAway(connection().remote().lastStreamCreated());
    flushAndClose();
  }

  private void cancelTimeout() {
    if (drainTimeout != null) {
      drainTimeout.cancel(false);
      drainTimeout = null;
    }
  }

  @Override
  public int activeStreams() {
    return connection().numActiveStreams();
  }

  @Override
  void onNewStream(Http2Stream stream, HeaderMap head, boolean endStream) {
    String violation = HeadRules.request(head, limits().maxHeaderFields());
    ServerStream serverStream = new ServerStream(this);
    if (violation == null && !serverStream.acceptHead(head, endStream, false)) {
      violation = HeadRules.INVALID_MESSAGE;
    }
    if (violation == null) {
      serverStream.begin(stream, acceptor, head, endStream);
    } else {
      refuse(stream, violation);
    }
  }

  @Override
  void onLocalHalfClosed(CodecStream stream) {
    if (!stream.isOver() && !stream.isRemoteEnded()) {
      stream.finish();
      reset(stream.stream(), Http2Error.NO_ERROR);
    }
  }

  @Override
  void onStreamGone(@Nullable CodecStream stream) {
    if (isDraining() && activeStreams() == 0 && channel().isActive()) {
      // not within Netty's own handling of the stream
      execute(this::closeIfIdle);
    }
  }

  /** The peer knows by now that no further stream will be served. */
  private boolean isDraining() {
    return drain == Drain.LAST_STREAM_NAMED;
  }

  private void closeIfIdle() {
    if (isDraining() && activeStreams() == 0 && channel().isActive()) {
      closeDrained();
    }
  }

  @Override
  void onConnectionClosed() {
    drain = Drain.CLOSED;
    cancelTimeout();
  }

  @Override
  void onViolation(int status, String details) {
    acceptor.onProtocolError(status, details);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Envoy answers NO_ERROR for most; a client would take a truncated response for a whole one,
   * so INTERNAL_ERROR it is.
   */
  @Override
  Http2Error errorCode(StreamError error) {
    return switch (error) {
      case LOCAL_REFUSED, REMOTE_REFUSED -> Http2Error.REFUSED_STREAM;
      case PROTOCOL_ERROR -> Http2Error.PROTOCOL_ERROR;
      case CONNECTION_FAILURE, CONNECTION_TIMEOUT -> Http2Error.CONNECT_ERROR;
      case OVERFLOW, LOCAL_RESET, REMOTE_RESET, CONNECTION_TERMINATION -> Http2Error.INTERNAL_ERROR;
    };
  }
}
