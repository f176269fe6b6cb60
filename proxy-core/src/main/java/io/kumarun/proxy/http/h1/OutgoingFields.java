package io.kumarun.proxy.http.h1;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HeaderNames;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;

/**
 * Prepares and encodes the fields of a head or of trailers. Whatever the other codec let through, a
 * line break never gets into a field, and framing fields are this codec's alone. One object serves
 * all messages of a connection.
 */
final class OutgoingFields {
  /** There is no {@code content-length}. */
  static final long NO_LENGTH = -1;

  private static final AsciiString CLOSE = AsciiString.cached("close");
  private static final short COLON_SPACE = (short) (':' << 8 | ' ');
  private static final short CRLF = (short) ('\r' << 8 | '\n');

  private long contentLength;
  private boolean upgrade;
  private boolean close;
  private int bytes;

  /**
   * Looks at each field once, and removes what is not to be sent as it is.
   *
   * @return whether the fields can be sent
   */
  boolean prepare(HeaderMap headers) {
    contentLength = NO_LENGTH;
    upgrade = false;
    close = false;
    bytes = 0;
    for (int i = headers.size() - 1; i >= 0; i--) {
      AsciiString name = headers.name(i);
      if (HeaderMap.isPseudo(name)) {
        continue;
      }
      AsciiString value = headers.value(i);
      if (!Octets.isToken(name) || !Octets.isFieldText(value)) {
        return false;
      }
      if (isHopByHop(name)) {
        close |= name.equals(HeaderNames.CONNECTION) && CLOSE.contentEqualsIgnoreCase(value);
        headers.removeAt(i);
        continue;
      }
      if (name.length() == HeaderNames.CONTENT_LENGTH.length()
          && name.equals(HeaderNames.CONTENT_LENGTH)) {
        long length = Octets.decimal(value);
        if (length < 0 || contentLength != NO_LENGTH) {
          return false;
        }
        contentLength = length;
      } else if (name.equals(HeaderNames.UPGRADE)) {
        upgrade = true;
      }
      bytes += name.length() + value.length() + 4;
    }
    return true;
  }

  private static boolean isHopByHop(AsciiString name) {
    return switch (name.length()) {
      case 10 -> name.equals(HeaderNames.CONNECTION) || name.equals(HeaderNames.KEEP_ALIVE);
      case 16 -> name.equals(HeaderNames.PROXY_CONNECTION);
      case 17 -> name.equals(HeaderNames.TRANSFER_ENCODING);
      default -> false;
    };
  }

  /** The value of {@code content-length}, or {@link #NO_LENGTH}. */
  long contentLength() {
    return contentLength;
  }

  /** Whether there is an {@code upgrade}, which a {@code connection} field has to go with. */
  boolean upgrade() {
    return upgrade;
  }

  /** Whether {@code connection: close} was asked for. */
  boolean close() {
    return close;
  }

  /** Bytes of the fields that were prepared. */
  int bytes() {
    return bytes;
  }

  /** Writes the fields, without the pseudo-headers. */
  static void encode(HeaderMap headers, ByteBuf out) {
    for (int i = 0, size = headers.size(); i < size; i++) {
      AsciiString name = headers.name(i);
      if (!HeaderMap.isPseudo(name)) {
        encode(name, headers.value(i), out);
      }
    }
  }

  static void encode(AsciiString name, AsciiString value, ByteBuf out) {
    append(name, out);
    out.writeShort(COLON_SPACE);
    append(value, out);
    out.writeShort(CRLF);
  }

  static void append(AsciiString text, ByteBuf out) {
    out.writeBytes(text.array(), text.arrayOffset(), text.length());
  }

  static void endLine(ByteBuf out) {
    out.writeShort(CRLF);
  }
}
