package io.kumarun.proxy.http.h1;

import io.netty.util.AsciiString;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

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
  static final AsciiString TRACE = AsciiString.cached("TRACE");

  /** Those that Envoy knows (its BalsaParser), the usual ones first. */
  private static final AsciiString[] KNOWN = {
    GET,
    POST,
    HEAD,
    PUT,
    PATCH,
    DELETE,
    OPTIONS,
    CONNECT,
    TRACE,
    AsciiString.cached("ACL"),
    AsciiString.cached("BIND"),
    AsciiString.cached("CHECKOUT"),
    AsciiString.cached("COPY"),
    AsciiString.cached("LINK"),
    AsciiString.cached("LOCK"),
    AsciiString.cached("MERGE"),
    AsciiString.cached("MKACTIVITY"),
    AsciiString.cached("MKCALENDAR"),
    AsciiString.cached("MKCOL"),
    AsciiString.cached("MOVE"),
    AsciiString.cached("MSEARCH"),
    AsciiString.cached("NOTIFY"),
    AsciiString.cached("PROPFIND"),
    AsciiString.cached("PROPPATCH"),
    AsciiString.cached("PURGE"),
    AsciiString.cached("REBIND"),
    AsciiString.cached("REPORT"),
    AsciiString.cached("SEARCH"),
    AsciiString.cached("SOURCE"),
    AsciiString.cached("SUBSCRIBE"),
    AsciiString.cached("UNBIND"),
    AsciiString.cached("UNLINK"),
    AsciiString.cached("UNLOCK"),
    AsciiString.cached("UNSUBSCRIBE"),
  };

  private Methods() {}

  /** The method in the first bytes of a request line, null if it is none that Envoy knows. */
  static @Nullable AsciiString of(byte[] line, int length) {
    for (AsciiString known : KNOWN) {
      int offset = known.arrayOffset();
      if (known.length() == length
          && Arrays.equals(known.array(), offset, offset + length, line, 0, length)) {
        return known;
      }
    }
    return null;
  }

  /**
   * Whether a request of that method says that its body is empty (RFC 9110 §8.6): all but those of
   * which Envoy expects none.
   */
  static boolean anticipatesBody(AsciiString method) {
    return !(method.equals(GET)
        || method.equals(HEAD)
        || method.equals(DELETE)
        || method.equals(CONNECT)
        || method.equals(TRACE));
  }
}
