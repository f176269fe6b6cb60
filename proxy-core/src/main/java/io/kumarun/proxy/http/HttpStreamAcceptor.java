package io.kumarun.proxy.http;

/** Takes the requests that a server connection decodes. Event loop only. */
public interface HttpStreamAcceptor {

  /**
   * A request begins; its head follows at once on the handler returned.
   *
   * @param stream the way back: what is written to it is the response
   */
  HttpStreamHandler newStream(HttpStream stream);

  /**
   * Adds the fields that every response of this proxy has to one that the codec makes itself.
   *
   * @param head of a response without a body of an application
   */
  default void completeHead(HeaderMap head) {}

  /**
   * How long a request's head may take from its first byte to its last, in nanoseconds; 0: as long
   * as it likes. HTTP/1.1 only: Netty's HTTP/2 codec tells of a head when it is complete.
   */
  default long headTimeoutNanos() {
    return 0;
  }

  /**
   * A head did not come in time, and nothing of it is known.
   *
   * @param stream takes a response, within this call; the connection closes then
   */
  default void onHeadTimeout(HttpStream stream) {}

  /**
   * The peer sent something that is no request: the codec has answered it (HTTP/1.1: 400, 431, …,
   * and closed). If that happened inside a request's body, its stream was reset with {@link
   * StreamError#PROTOCOL_ERROR} before this call. For counting and logging.
   *
   * @param status what was answered, 0 if nothing could be
   * @param details a short reason in Envoy's form, {@code http1.codec_error}
   */
  default void onProtocolError(int status, String details) {}
}
