package io.kumarun.proxy.listener;

import io.kumarun.proxy.http.HttpServerConnection;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A downstream connection as its listener keeps it. */
final class DownstreamSession {
  private final Channel channel;
  private volatile boolean draining;
  private @Nullable HttpServerConnection http;

  DownstreamSession(Channel channel) {
    this.channel = channel;
  }

  /** The connection speaks HTTP. Event loop only. */
  void speaksHttp(HttpServerConnection connection) {
    http = connection;
    if (draining) {
      connection.drain();
    }
  }

  /** An HTTP connection ends between requests; any other goes on. Any thread. */
  void askToEnd() {
    draining = true;
    channel
        .eventLoop()
        .execute(
            () -> {
              if (http != null) {
                http.drain();
              }
            });
  }

  /**
   * HTTP connections end between requests; whatever is left after {@code patience} is closed. Any
   * thread.
   */
  void drain(Duration patience) {
    draining = true;
    channel
        .eventLoop()
        .execute(
            () -> {
              if (http != null) {
                http.drain();
              }
              channel
                  .eventLoop()
                  .schedule(
                      () -> {
                        channel.close();
                      },
                      patience.toMillis(),
                      TimeUnit.MILLISECONDS);
            });
  }
}
