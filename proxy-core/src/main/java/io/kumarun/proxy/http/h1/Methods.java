package io.kumarun.proxy.http.h1;

import io.netty.util.AsciiString;
import java.util.Arrays;

/** The usual methods as shared constants. Methods are case sensitive (RFC 9110 §9.1). */
final class Methods {
  static final AsciiString GET = AsciiString.cached("GET");
  static final AsciiString HEAD = AsciiString.cached("HEAD");
  static final AsciiString POST = AsciiString.cached("POST");
  static final AsciiString PUT = AsciiString.cached("PUT");
  static final AsciiString PATCH = AsciiString.cached("PATCH");
  static final AsciiString DELETE = AsciiString.cached("DELETE");
  static final AsciiString OPTIONS = AsciiString.cached("OPTIONS");
  static final AsciiString CONNECT = AsciiString.cached("CONNECT");

  private static final AsciiString[] KNOWN = {
    GET, POST, HEAD, PUT, PATCH, DELETE, OPTIONS, CONNECT
  };

  private Methods() {}

  /** The method in the first bytes of a request line. */
  static AsciiString of(byte[] line, int length) {
    for (AsciiString known : KNOWN) {
      int offset = known.arrayOffset();
      if (known.length() == length
          && Arrays.equals(known.array(), offset, offset + length, line, 0, length)) {
        return known;
      }
    }
    return new AsciiString(line, 0, length, false);
  }

  /** Whether a request of that method is expected to have a body (RFC 9110 §8.6). */
  static boolean anticipatesBody(AsciiString method) {
    return method.equals(POST) || method.equals(PUT) || method.equals(PATCH);
  }
}
