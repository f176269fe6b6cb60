package io.kumarun.proxy.http.h1;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;

/** Field lines that the codec adds, encoded once. */
final class FramingLines {
  static final byte[] CONTENT_LENGTH_0 = "content-length: 0\r\n".getBytes(US_ASCII);
  static final byte[] CHUNKED = "transfer-encoding: chunked\r\n".getBytes(US_ASCII);
  static final byte[] TEXT_PLAIN = "content-type: text/plain\r\n".getBytes(US_ASCII);
  static final byte[] CONNECTION_CLOSE = "connection: close\r\n".getBytes(US_ASCII);
  static final byte[] CONNECTION_KEEP_ALIVE = "connection: keep-alive\r\n".getBytes(US_ASCII);
  static final byte[] CONNECTION_UPGRADE = "connection: upgrade\r\n".getBytes(US_ASCII);
  static final byte[] CONNECTION_UPGRADE_CLOSE =
      "connection: upgrade, close\r\n".getBytes(US_ASCII);

  /** Behind the target of a request. */
  static final byte[] REQUEST_VERSION = " HTTP/1.1\r\n".getBytes(US_ASCII);

  /** More than any two of the lines, and the empty line. */
  static final int ROOM = 64;

  private FramingLines() {}

  /** Ends a head and adds that body. */
  static void writeText(byte[] body, ByteBuf out) {
    out.writeBytes(TEXT_PLAIN);
    out.writeCharSequence("content-length: " + body.length + "\r\n\r\n", US_ASCII);
    out.writeBytes(body);
  }
}
