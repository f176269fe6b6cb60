package io.kumarun.proxy.http;

/** A server connection as its listener sees it. Event loop only. */
public interface HttpServerConnection {

  /**
   * Lets the exchanges under way finish, tells the peer to send no more on this connection
   * (HTTP/1.1: {@code connection: close} on the next response, HTTP/2: GOAWAY), then closes it. An
   * idle HTTP/1.1 connection stays open for one more request, which may be on its way already;
   * whoever drains closes what is left in the end.
   */
  void drain();

  /** Streams that are open. */
  int activeStreams();
}
