package io.kumarun.proxy.http.h2;

import io.kumarun.proxy.http.DeferredFlush;
import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.StreamError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The half of the codec that client and server share: turns Netty's connection-level events into
 * those of {@link CodecStream}s and back. Added to one pipeline, before or after the channel is
 * active, behind TLS or not; the peer's preface must reach it untouched. Event loop only.
 *
 * <p>{@code Channel.close()} closes at once; the graceful way is {@code drain}.
 */
abstract sealed class StreamCodec extends Http2ConnectionHandler
    permits Http2ServerConnection, Http2ClientConnection {
  /** How long a GOAWAY may wait for a peer that does not read before the connection closes. */
  static final long CLOSE_TIMEOUT_MILLIS = 5_000;

  private static final Logger log = LoggerFactory.getLogger(StreamCodec.class);

  private final Http2Limits limits;
  private final Http2Connection.PropertyKey streamKey;
  private final FloodGuard floodGuard;
  private final RecentResets recentResets = new RecentResets();
  private @Nullable ChannelHandlerContext ctx;
  private @Nullable DeferredFlush flush;
  private boolean windowOpened;
  private StreamError closeReason = StreamError.CONNECTION_TERMINATION;

  StreamCodec(CodecBuilder.Parts parts) {
    super(parts.decoder(), parts.encoder(), parts.settings(), true, false);
    this.limits = parts.limits();
    this.streamKey = connection().newKey();
    this.floodGuard = new FloodGuard(limits);
    connection().addListener(new StreamLifecycle());
    decoder().frameListener(new Frames());
    encoder().flowController().listener(this::onWritabilityChanged);
  }

  /** The peer begins a stream. */
  abstract void onNewStream(Http2Stream stream, HeaderMap head, boolean endStream);

  /** Netty's stream is gone, in whatever way. */
  abstract void onStreamGone(@Nullable CodecStream stream);

  /** The last frame of this side's half was written. */
  void onLocalHalfClosed(CodecStream stream) {}

  /** The peer broke a rule. */
  void onViolation(int status, String details) {}

  void onGoAway() {}

  /** The connection is about to close for an error. */
  void onFailing() {}

  void onPeerSettings() {}

  /** The channel is closed and all its streams were reset. */
  void onConnectionClosed() {}

  /** The code of RST_STREAM for a stream that is given up. */
  abstract Http2Error errorCode(StreamError error);

  // ---- for streams

  final Http2Limits limits() {
    return limits;
  }

  final void register(Http2Stream stream, CodecStream codecStream) {
    stream.setProperty(streamKey, codecStream);
  }

  final ChannelHandlerContext ctx() {
    ChannelHandlerContext context = ctx;
    if (context == null) {
      throw new IllegalStateException("the codec is in no pipeline");
    }
    return context;
  }

  /** Whether the codec is in a pipeline. */
  final boolean isAdded() {
    return ctx != null;
  }

  public final Channel channel() {
    return ctx().channel();
  }

  final void execute(Runnable task) {
    ctx().executor().execute(task);
  }

  final void requestFlush() {
    if (flush != null) {
      flush.request();
    }
  }

  final void writeHeaders(Http2Stream stream, HeaderMap headers, boolean endStream) {
    ChannelHandlerContext context = ctx();
    encoder()
        .writeHeaders(
            context,
            stream.id(),
            new HeaderMapHeaders(headers),
            0,
            endStream,
            context.newPromise());
    requestFlush();
  }

  final void writeData(Http2Stream stream, ByteBuf data, boolean endStream) {
    ChannelHandlerContext context = ctx();
    encoder().writeData(context, stream.id(), data, 0, endStream, context.newPromise());
    requestFlush();
  }

  final void reset(@Nullable Http2Stream stream, Http2Error code) {
    if (stream == null || stream.state() == Http2Stream.State.CLOSED) {
      return;
    }
    recentResets.add(stream.id());
    ChannelHandlerContext context = ctx();
    encoder().writeRstStream(context, stream.id(), code.code(), context.newPromise());
    requestFlush();
  }

  final boolean isWritable(@Nullable Http2Stream stream) {
    return stream == null
        ? channel().isWritable()
        : stream.state() != Http2Stream.State.CLOSED
            && encoder().flowController().isWritable(stream);
  }

  /** Whether frames of a stream wait for the peer's window. */
  final boolean hasQueued(@Nullable Http2Stream stream) {
    return stream != null && encoder().flowController().hasFlowControlled(stream);
  }

  /** Gives bytes of a stream's window, and of the connection's, back to the peer. */
  final void consume(@Nullable Http2Stream stream, int bytes) {
    if (stream == null) {
      return;
    }
    try {
      if (decoder().flowController().consumeBytes(stream, bytes)) {
        requestFlush();
      }
    } catch (Http2Exception e) {
      onError(ctx(), false, e);
    }
  }

  final void violation(String details) {
    violation(0, details);
  }

  private void violation(int status, String details) {
    onViolation(status, details);
    if (floodGuard.isFaultTooMany(System.nanoTime())) {
      endFlood("too many streams broke the protocol");
    }
  }

  private void answered(ChannelHandlerContext context) {
    if (floodGuard.isAnswerTooMany(context)) {
      endFlood("too many answers wait for a peer that does not read");
    }
  }

  private void endFlood(String details) {
    onError(ctx(), false, Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, details));
  }

  /** Refuses a stream that no handler knows of. */
  final void refuse(Http2Stream stream, String details) {
    violation(details);
    reset(stream, Http2Error.PROTOCOL_ERROR);
  }

  /** Sends GOAWAY (NO_ERROR) naming the streams that will be served. */
  final void sendGoAway(int lastStreamId) {
    ChannelHandlerContext context = ctx();
    goAway(
        context,
        lastStreamId,
        Http2Error.NO_ERROR.code(),
        Unpooled.EMPTY_BUFFER,
        context.newPromise());
    requestFlush();
  }

  /** Sends what is written, and closes. */
  final void flushAndClose() {
    ChannelHandlerContext context = ctx();
    flush(context);
    context.close();
  }

  final @Nullable CodecStream streamOf(@Nullable Http2Stream stream) {
    return stream == null ? null : stream.getProperty(streamKey);
  }

  // ---- from the pipeline

  @Override
  public void handlerAdded(ChannelHandlerContext context) throws Exception {
    ctx = context;
    flush = new DeferredFlush(context.executor(), () -> flush(context));
    super.handlerAdded(context);
    openConnectionWindow(context);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) throws Exception {
    super.channelActive(context);
    openConnectionWindow(context);
  }

  /** Behind the preface, which goes out as soon as the channel is active. */
  private void openConnectionWindow(ChannelHandlerContext context) throws Http2Exception {
    if (!windowOpened && context.channel().isActive()) {
      windowOpened = true;
      Http2Stream whole = connection().connectionStream();
      int more = limits.connectionWindow() - decoder().flowController().windowSize(whole);
      if (more > 0) {
        decoder().flowController().incrementWindowSize(whole, more);
      }
      // Paused streams keep their part of this window back. With Netty's ratio of a half the others
      // would get no update once half of it is kept back; so it is given back in smaller portions.
      float portion = limits.initialStreamWindow() / (2f * limits.connectionWindow());
      ((DefaultHttp2LocalFlowController) decoder().flowController())
          .windowUpdateRatio(whole, Math.clamp(1 - portion, 0.5f, 0.95f));
      requestFlush();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    try {
      super.channelInactive(context);
    } finally {
      onConnectionClosed();
    }
  }

  /**
   * The peer ended its half: it can open no window and acknowledge nothing any more, so the
   * connection is over.
   */
  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
      context.close();
    }
    super.userEventTriggered(context, event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) throws Exception {
    if (cause instanceof Http2Exception) {
      super.exceptionCaught(context, cause);
      return;
    }
    // the socket or TLS failed: the streams hear of it when the channel is closed
    log.debug("{} closes after a failure", context.channel(), cause);
    context.close();
  }

  @Override
  protected void onConnectionError(
      ChannelHandlerContext context,
      boolean outbound,
      Throwable cause,
      @Nullable Http2Exception http2Cause) {
    if (outbound) {
      log.debug("{} closes: a write failed", context.channel(), cause);
    } else if (http2Cause == null) {
      // no peer can cause this
      log.error("{} closes after a fault of this program", context.channel(), cause);
    } else {
      closeReason = StreamError.PROTOCOL_ERROR;
      log.debug("{} closes: {}", context.channel(), http2Cause.getMessage());
      onViolation(0, "http2.codec_error");
    }
    onFailing();
    super.onConnectionError(context, outbound, cause, http2Cause);
    if (http2Cause != null && http2Cause.error() == Http2Error.ENHANCE_YOUR_CALM) {
      // a flood ends now, not when its peer has read the GOAWAY
      context.flush();
      context.close();
    }
  }

  @Override
  protected void onStreamError(
      ChannelHandlerContext context, boolean outbound, Throwable cause, StreamException error) {
    Http2Stream stream = connection().stream(error.streamId());
    CodecStream codecStream = streamOf(stream);
    if (outbound) {
      if (stream == null
          || stream.state() == Http2Stream.State.CLOSED
          || (codecStream != null && codecStream.isOver())) {
        // what was queued when the stream ended; the peer knows that it ended
        return;
      }
      if (codecStream != null) {
        codecStream.terminate(StreamError.LOCAL_RESET);
      }
    } else {
      if (stream == null && recentResets.contains(error.streamId())) {
        return;
      }
      if (codecStream != null
          && codecStream.isRemoteEnded()
          && error.error() == Http2Error.PROTOCOL_ERROR) {
        // Netty takes a second END_STREAM for surplus trailers: RFC 9113 §5.1, half-closed (remote)
        reset(stream, Http2Error.STREAM_CLOSED);
      }
      if (error.error() != Http2Error.REFUSED_STREAM) {
        boolean tooLarge = error instanceof Http2Exception.HeaderListSizeException;
        violation(
            tooLarge && connection().isServer() ? 431 : 0,
            tooLarge ? "http2.headers_too_large" : HeadRules.INVALID_MESSAGE);
      }
      if (codecStream != null) {
        codecStream.terminate(StreamError.PROTOCOL_ERROR);
      }
      recentResets.add(error.streamId());
      answered(context);
    }
    super.onStreamError(context, outbound, cause, error);
  }

  private void onWritabilityChanged(Http2Stream stream) {
    CodecStream codecStream = streamOf(stream);
    if (codecStream != null) {
      codecStream.writabilityChanged();
    }
  }

  /** Netty's streams as they end. */
  private final class StreamLifecycle extends Http2ConnectionAdapter {
    @Override
    public void onStreamHalfClosed(Http2Stream stream) {
      CodecStream codecStream = streamOf(stream);
      if (codecStream != null && stream.state() == Http2Stream.State.HALF_CLOSED_LOCAL) {
        onLocalHalfClosed(codecStream);
      }
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
      CodecStream codecStream = streamOf(stream);
      if (codecStream != null) {
        boolean refused =
            connection().goAwayReceived()
                && connection().local().isValidStreamId(stream.id())
                && stream.id() > connection().local().lastStreamKnownByPeer();
        codecStream.terminate(refused ? StreamError.REMOTE_REFUSED : closeReason);
      }
    }

    @Override
    public void onStreamRemoved(Http2Stream stream) {
      onStreamGone(streamOf(stream));
    }
  }

  /** Frames that Netty has checked against the state of their stream. */
  private final class Frames extends Http2EventAdapter {
    @Override
    public int onDataRead(
        ChannelHandlerContext context,
        int streamId,
        ByteBuf data,
        int padding,
        boolean endOfStream) {
      CodecStream stream = streamOf(connection().stream(streamId));
      return stream == null
          ? data.readableBytes() + padding
          : stream.onDataRead(data, padding, endOfStream);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context,
        int streamId,
        Http2Headers headers,
        int padding,
        boolean endOfStream) {
      HeaderMap map = ((HeaderMapHeaders) headers).map();
      Http2Stream stream = connection().stream(streamId);
      CodecStream codecStream = streamOf(stream);
      if (codecStream == null) {
        onNewStream(stream, map, endOfStream);
      } else {
        codecStream.onHeadersRead(map, endOfStream);
      }
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context,
        int streamId,
        Http2Headers headers,
        int streamDependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean endOfStream) {
      onHeadersRead(context, streamId, headers, padding, endOfStream);
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext context, int streamId, long errorCode) {
      CodecStream stream = streamOf(connection().stream(streamId));
      if (stream != null) {
        boolean refused = errorCode == Http2Error.REFUSED_STREAM.code() && !connection().isServer();
        stream.terminate(refused ? StreamError.REMOTE_REFUSED : StreamError.REMOTE_RESET);
      }
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings) {
      answered(context);
      onPeerSettings();
    }

    @Override
    public void onPingRead(ChannelHandlerContext context, long data) {
      answered(context);
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext context, long data) {
      StreamCodec.this.onPingAck(data);
    }

    @Override
    public void onGoAwayRead(
        ChannelHandlerContext context, int lastStreamId, long errorCode, ByteBuf debugData) {
      if (log.isDebugEnabled()) {
        log.debug(
            "{} got GOAWAY, last stream {}, error {}",
            context.channel(),
            lastStreamId,
            Http2Error.valueOf(errorCode));
      }
      onGoAway();
    }

    @Override
    public void onPushPromiseRead(
        ChannelHandlerContext context,
        int streamId,
        int promisedStreamId,
        Http2Headers headers,
        int padding)
        throws Http2Exception {
      throw Http2Exception.connectionError(
          Http2Error.PROTOCOL_ERROR, "PUSH_PROMISE although ENABLE_PUSH is 0");
    }
  }

  /** A PING of ours was answered. */
  void onPingAck(long data) {}
}
