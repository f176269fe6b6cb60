package io.kumarun.proxy.http;

import io.netty.channel.Channel;

/** A connection to an endpoint, owned by a pool of the same event loop. Event loop only. */
public interface HttpClientConnection {

  /**
   * Begins an exchange. Only while {@link #availableStreams} is positive.
   *
   * @return where the request is written
   */
  HttpStream newStream(HttpStreamHandler handler);

  /** How many more streams may begin now; 0 once the peer sent GOAWAY or the connection ends. */
  int availableStreams();

  /** Streams that are open. */
  int activeStreams();

  /** Takes no new stream, and closes as soon as the last one ended. */
  void drain();

  Channel channel();

  /** What a pool hears of its connection. Event loop only. */
  interface Listener {

    /** {@link HttpClientConnection#availableStreams} may have grown, or a stream has ended. */
    void onStreamsAvailable(HttpClientConnection connection);

    /** The connection takes no new stream any more (GOAWAY, {@code connection: close}, drain). */
    void onDraining(HttpClientConnection connection);

    /** The connection is closed; its streams were reset before this call. */
    void onClosed(HttpClientConnection connection);
  }
}
