package io.kumarun.proxy.http.h2;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HeaderNames;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * What RFC 9113 §8 demands of heads and trailers. Netty's decoder checks little of it, and before
 * the stream exists, where a malformed head followed by DATA would end the whole connection.
 *
 * <p>Each check returns null, or what is wrong in Envoy's words ({@code response_code_details}).
 * Any thread; the map is changed in place.
 */
final class HeadRules {
  static final String INVALID_FIELD = "http2.invalid.header.field";
  static final String INVALID_MESSAGE = "http2.violation.of.messaging.rule";
  static final String TOO_MANY_FIELDS = "http2.too_many_headers";

  private static final AsciiString COOKIE = AsciiString.cached("cookie");
  private static final AsciiString TRAILERS = AsciiString.cached("trailers");
  private static final AsciiString CONNECT = AsciiString.cached("CONNECT");

  private static final int METHOD = 1;
  private static final int SCHEME = 2;
  private static final int AUTHORITY = 4;
  private static final int PATH = 8;
  private static final int STATUS = 16;
  private static final int REQUEST = METHOD | SCHEME | AUTHORITY | PATH;

  private HeadRules() {}

  /**
   * Checks a request, makes {@code :authority} of {@code host}, and joins the crumbs of {@code
   * cookie} (RFC 9113 §8.2.3).
   */
  static @Nullable String request(HeaderMap head, int maxFields) {
    String violation = fields(head, REQUEST, maxFields);
    if (violation != null) {
      return violation;
    }
    AsciiString method = head.method();
    if (method == null || !FieldSyntax.isToken(method)) {
      return INVALID_MESSAGE;
    }
    violation = authority(head);
    if (violation != null) {
      return violation;
    }
    AsciiString path = head.path();
    AsciiString scheme = head.scheme();
    if (method.equals(CONNECT)) {
      if (path != null || scheme != null || head.authority() == null) {
        return INVALID_MESSAGE;
      }
    } else if (scheme == null || !FieldSyntax.isScheme(scheme) || !isPath(path)) {
      return INVALID_MESSAGE;
    }
    joinCookies(head);
    return null;
  }

  /** Checks the head of a response, informational ones too. */
  static @Nullable String response(HeaderMap head, boolean endStream, int maxFields) {
    String violation = fields(head, STATUS, maxFields);
    if (violation != null) {
      return violation;
    }
    AsciiString text = head.get(HeaderNames.STATUS);
    long status = text == null || text.length() != 3 ? -1 : FieldSyntax.parseLength(text);
    // RFC 9113 §8.6: there is no 101 in HTTP/2; an informational response is never the last
    if (status < 100 || status == 101 || (status < 200 && endStream)) {
      return INVALID_MESSAGE;
    }
    return null;
  }

  /** Checks trailers, which have no pseudo-headers and do not frame the body. */
  static @Nullable String trailers(HeaderMap trailers, int maxFields) {
    String violation = fields(trailers, 0, maxFields);
    if (violation == null
        && (trailers.contains(HeaderNames.CONTENT_LENGTH) || trailers.contains(HeaderNames.HOST))) {
      return INVALID_MESSAGE;
    }
    return violation;
  }

  private static @Nullable String fields(HeaderMap head, int allowedPseudo, int maxFields) {
    int fields = head.size();
    if (fields > maxFields) {
      return TOO_MANY_FIELDS;
    }
    int seen = 0;
    boolean regular = false;
    for (int i = 0; i < fields; i++) {
      AsciiString name = head.name(i);
      AsciiString value = head.value(i);
      if (!FieldSyntax.isValue(value)) {
        return INVALID_FIELD;
      }
      if (HeaderMap.isPseudo(name)) {
        int pseudo = pseudo(name);
        if (regular || (pseudo & allowedPseudo) == 0 || (pseudo & seen) != 0) {
          return INVALID_MESSAGE;
        }
        seen |= pseudo;
      } else {
        regular = true;
        if (!FieldSyntax.isLowerCaseName(name)) {
          return INVALID_FIELD;
        }
        if (isForbidden(name, value)) {
          return INVALID_MESSAGE;
        }
      }
    }
    return null;
  }

  private static int pseudo(AsciiString name) {
    return switch (name.length()) {
      case 5 -> name.equals(HeaderNames.PATH) ? PATH : 0;
      case 7 ->
          name.equals(HeaderNames.METHOD)
              ? METHOD
              : name.equals(HeaderNames.SCHEME)
                  ? SCHEME
                  : name.equals(HeaderNames.STATUS) ? STATUS : 0;
      case 10 -> name.equals(HeaderNames.AUTHORITY) ? AUTHORITY : 0;
      default -> 0;
    };
  }

  /** RFC 9113 §8.2.2: what speaks of the connection has no place here. */
  private static boolean isForbidden(AsciiString name, AsciiString value) {
    return switch (name.length()) {
      case 2 -> name.equals(HeaderNames.TE) && !value.contentEqualsIgnoreCase(TRAILERS);
      case 7 -> name.equals(HeaderNames.UPGRADE);
      case 10 -> name.equals(HeaderNames.CONNECTION) || name.equals(HeaderNames.KEEP_ALIVE);
      case 16 -> name.equals(HeaderNames.PROXY_CONNECTION);
      case 17 -> name.equals(HeaderNames.TRANSFER_ENCODING);
      default -> false;
    };
  }

  private static boolean isPath(@Nullable AsciiString path) {
    if (path == null || path.isEmpty() || FieldSyntax.hasSpace(path)) {
      return false;
    }
    return path.byteAt(0) == '/' || (path.byteAt(0) == '*' && path.length() == 1);
  }

  private static @Nullable String authority(HeaderMap head) {
    AsciiString authority = head.authority();
    int hostAt = head.indexOf(HeaderNames.HOST, 0);
    if (hostAt >= 0) {
      AsciiString host = head.value(hostAt);
      head.removeAt(hostAt);
      if (head.contains(HeaderNames.HOST)
          || (authority != null && !authority.contentEqualsIgnoreCase(host))) {
        return INVALID_MESSAGE;
      }
      if (authority == null) {
        authority = host;
        head.addFirst(HeaderNames.AUTHORITY, host);
      }
    }
    return authority == null || FieldSyntax.isAuthority(authority) ? null : INVALID_FIELD;
  }

  private static void joinCookies(HeaderMap head) {
    int first = head.indexOf(COOKIE, 0);
    if (first < 0 || head.indexOf(COOKIE, first + 1) < 0) {
      return;
    }
    StringBuilder joined = new StringBuilder();
    for (int i = first; i >= 0; i = head.indexOf(COOKIE, i + 1)) {
      if (!joined.isEmpty()) {
        joined.append("; ");
      }
      joined.append(head.value(i));
    }
    head.set(COOKIE, new AsciiString(joined));
  }

  /**
   * The {@code content-length} of a head.
   *
   * @return -1 if there is none, -2 if there are several or it is no number
   */
  static long contentLength(HeaderMap head) {
    int at = head.indexOf(HeaderNames.CONTENT_LENGTH, 0);
    if (at < 0) {
      return -1;
    }
    long length = FieldSyntax.parseLength(head.value(at));
    return length < 0 || head.indexOf(HeaderNames.CONTENT_LENGTH, at + 1) >= 0 ? -2 : length;
  }
}
