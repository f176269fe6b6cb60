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
   * The peer sent something that is no request: the codec has answered it (HTTP/1.1: 400, 431, …,
   * and closed). If that happened inside a request's body, its stream was reset with {@link
   * StreamError#PROTOCOL_ERROR} before this call. For counting and logging.
   *
   * @param status what was answered, 0 if nothing could be
   * @param details a short reason in Envoy's form, {@code http1.codec_error}
   */
  default void onProtocolError(int status, String details) {}
}
