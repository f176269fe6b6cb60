package io.kumarun.proxy.http.h2;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HttpClientConnection;
import io.kumarun.proxy.http.HttpStream;
import io.kumarun.proxy.http.HttpStreamHandler;
import io.kumarun.proxy.http.StreamError;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 as a client (RFC 9113), with prior knowledge: the preface goes out as soon as the channel
 * is active and streams may begin at once. Event loop only.
 */
public final class Http2ClientConnection extends StreamCodec implements HttpClientConnection {
  /** What is assumed of a peer before its SETTINGS (RFC 9113 §6.5.2 recommends no less). */
  private static final int STREAMS_BEFORE_SETTINGS = 100;

  private final Listener listener;

  /** Streams that wrote no head yet, which Netty does not know. */
  private final List<ClientStream> unsent = new ArrayList<>(1);

  private boolean settingsReceived;
  private boolean draining;
  private boolean closed;

  private Http2ClientConnection(Listener listener, CodecBuilder.Parts parts) {
    super(parts);
    this.listener = listener;
  }

  /** A handler for one channel. */
  public static Http2ClientConnection create(Listener listener, Http2Limits limits) {
    return CodecBuilder.build(false, limits, parts -> new Http2ClientConnection(listener, parts));
  }

  @Override
  public HttpStream newStream(HttpStreamHandler handler) {
    if (availableStreams() <= 0) {
      throw new IllegalStateException("no stream available: " + activeStreams() + " are open");
    }
    ClientStream stream = new ClientStream(this, handler);
    unsent.add(stream);
    return stream;
  }

  /** Makes a stream of the protocol for an exchange whose head is about to be written. */
  boolean open(ClientStream stream) {
    unsent.remove(stream);
    if (closed || connection().goAwayReceived()) {
      return false;
    }
    int id = connection().local().incrementAndGetNextStreamId();
    try {
      stream.bind(connection().local().createStream(id, false));
    } catch (Http2Exception e) {
      return false;
    }
    if (streamIdsLeft() <= 0) {
      beginDraining();
    }
    return true;
  }

  /** An exchange was given up before it wrote anything. */
  void forget(ClientStream stream) {
    if (unsent.remove(stream)) {
      streamEnded();
    }
  }

  @Override
  public int availableStreams() {
    if (draining || closed || !isAdded()) {
      return 0;
    }
    int allowed =
        settingsReceived ? connection().local().maxActiveStreams() : STREAMS_BEFORE_SETTINGS;
    int limit = Math.min(allowed, limits().maxConcurrentStreams());
    return Math.max(0, Math.min(limit - activeStreams(), streamIdsLeft() - unsent.size()));
  }

  private int streamIdsLeft() {
    return (Integer.MAX_VALUE - connection().local().lastStreamCreated()) / 2;
  }

  @Override
  public int activeStreams() {
    return connection().local().numActiveStreams() + unsent.size();
  }

  @Override
  public void drain() {
    if (closed) {
      return;
    }
    beginDraining();
    if (isAdded()) {
      closeIfIdle();
    }
  }

  private void beginDraining() {
    if (!draining && !closed) {
      draining = true;
      listener.onDraining(this);
    }
  }

  private void closeIfIdle() {
    if (draining && !closed && activeStreams() == 0 && channel().isActive()) {
      sendGoAway(0);
      flushAndClose();
    }
  }

  @Override
  void onGoAway() {
    beginDraining();
    // after the streams above the last one have been refused
    execute(this::closeIfIdle);
  }

  @Override
  void onFailing() {
    beginDraining();
  }

  @Override
  void onPeerSettings() {
    settingsReceived = true;
    listener.onStreamsAvailable(this);
  }

  @Override
  void onStreamGone(@Nullable CodecStream stream) {
    streamEnded();
  }

  private void streamEnded() {
    if (closed) {
      return;
    }
    if (draining) {
      if (activeStreams() == 0) {
        execute(this::closeIfIdle);
      }
    } else if (channel().isActive()) {
      listener.onStreamsAvailable(this);
    }
  }

  @Override
  void onNewStream(Http2Stream stream, HeaderMap head, boolean endStream) {
    // a server begins no stream but by PUSH_PROMISE, which is refused
    refuse(stream, HeadRules.INVALID_MESSAGE);
  }

  @Override
  void onConnectionClosed() {
    if (closed) {
      return;
    }
    closed = true;
    for (ClientStream stream : List.copyOf(unsent)) {
      stream.terminate(StreamError.LOCAL_REFUSED);
    }
    unsent.clear();
    listener.onClosed(this);
  }

  @Override
  Http2Error errorCode(StreamError error) {
    return switch (error) {
      case LOCAL_REFUSED, REMOTE_REFUSED -> Http2Error.REFUSED_STREAM;
      case PROTOCOL_ERROR -> Http2Error.PROTOCOL_ERROR;
      case LOCAL_RESET,
          REMOTE_RESET,
          OVERFLOW,
          CONNECTION_FAILURE,
          CONNECTION_TIMEOUT,
          CONNECTION_TERMINATION ->
          Http2Error.CANCEL;
    };
  }
}
