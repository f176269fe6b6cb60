package io.kumarun.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/**
 * One exchange at one codec: what is written here goes out to the peer; what the peer sends comes
 * to the {@link HttpStreamHandler}. On a server the outgoing half is the response, on a client the
 * request.
 *
 * <p>Event loop only. The order is headers, data…, then {@code endStream} or trailers; after the
 * end or a reset nothing more may be written (an implementation ignores and releases what comes
 * late: an exchange may learn of a reset after it wrote).
 *
 * <p>HTTP/1.1 tunnels: a request with {@code upgrade} is delivered and written with {@code
 * endStream} as any other; once a head with {@code :status: 101} has passed (as a final head, not
 * an informational one), both halves are open again, and data is the bytes of the other protocol. A
 * CONNECT is delivered without {@code endStream}; its data flows once a 2xx has passed.
 */
public interface HttpStream {

  /**
   * Writes the head. A server's head may be preceded by informational ones (1xx, never {@code
   * endStream}).
   *
   * @param headers lower-case names, pseudo-headers first ({@code :status}; or {@code :method},
   *     {@code :scheme}, {@code :authority}, {@code :path}), hop-by-hop headers already removed.
   *     The codec adds its own framing ({@code transfer-encoding}, {@code connection}). Ownership
   *     goes to the codec
   */
  void writeHeaders(HeaderMap headers, boolean endStream);

  /** Writes body bytes and releases {@code data}. */
  void writeData(ByteBuf data, boolean endStream);

  /** Writes trailers and ends the outgoing half. */
  void writeTrailers(HeaderMap trailers);

  /**
   * Gives the exchange up in both directions. HTTP/2: RST_STREAM; HTTP/1.1: the connection closes.
   * No event reaches the handler afterwards. Does nothing once both halves have ended.
   */
  void reset(StreamError error);

  /**
   * Whether the outgoing side takes more without buffering beyond its mark; changes are told by
   * {@link HttpStreamHandler#onWritabilityChanged}.
   */
  boolean isWritable();

  /**
   * Stops taking in body bytes from the peer soon: HTTP/1.1 stops reading the socket, HTTP/2 keeps
   * back the stream's window. Counts nothing: pausing twice needs one resume.
   */
  void pauseReading();

  /** Undoes {@link #pauseReading}. */
  void resumeReading();

  /**
   * Whether a byte of the peer's half has arrived, also one that no event has told of: nothing did
   * only if a client's peer was silent. On HTTP/2 a head that is not complete counts as nothing.
   */
  default boolean hasReceived() {
    return true;
  }

  /** The connection's channel. */
  Channel channel();

  /** Which protocol this stream's connection speaks. */
  HttpVersion version();

  /** Protocols as access logs print them. */
  enum HttpVersion {
    HTTP_1_0("HTTP/1.0"),
    HTTP_1_1("HTTP/1.1"),
    HTTP_2("HTTP/2");

    private final String text;

    HttpVersion(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
