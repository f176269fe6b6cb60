package io.kumarun.proxy.http.h1;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HeaderNames;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * What the fields of a head say about the message and its connection: framing (RFC 9112 §6), host,
 * persistence and the fields that are for this hop only (RFC 9110 §7.6.1). One object serves all
 * messages of a connection.
 */
final class MessageFields {
  private static final AsciiString CLOSE = AsciiString.cached("close");
  private static final AsciiString TRAILERS = AsciiString.cached("trailers");
  private static final AsciiString H2C = AsciiString.cached("h2c");
  private static final AsciiString HTTP2_SETTINGS = AsciiString.cached("http2-settings");
  private static final AsciiString X_FORWARDED_HOST = AsciiString.cached("x-forwarded-host");
  private static final AsciiString CHUNKED = AsciiString.cached("chunked");

  private boolean chunked;
  private long contentLength;
  private @Nullable AsciiString host;
  private boolean close;
  private boolean keepAlive;
  private boolean upgrade;
  private boolean upgradeNominated;
  private boolean hostNominated;
  private boolean forwardedNominated;

  // which fields there are to remove
  private boolean hasConnection;
  private boolean hasCoding;
  private boolean hasTe;
  private boolean hasHopByHop;

  /**
   * Looks at a complete head.
   *
   * @param http11 whether the message is HTTP/1.1 and not 1.0
   * @return what is wrong with it, or null
   */
  @Nullable Http1Violation read(HeaderMap headers, boolean http11) {
    reset();
    for (int i = 0, size = headers.size(); i < size; i++) {
      // parsed names are KnownNames: identity is enough
      AsciiString name = headers.name(i);
      AsciiString value = headers.value(i);
      if (name == HeaderNames.HOST) {
        if (host != null) {
          return Http1Violation.DUPLICATE_HOST;
        }
        host = value;
      } else if (name == HeaderNames.CONTENT_LENGTH) {
        if (contentLength >= 0) {
          return Http1Violation.DUPLICATE_CONTENT_LENGTH;
        }
        contentLength = Octets.decimal(value);
        if (contentLength < 0) {
          return Http1Violation.INVALID_CONTENT_LENGTH;
        }
      } else if (name == HeaderNames.TRANSFER_ENCODING) {
        chunked = !hasCoding && CHUNKED.contentEqualsIgnoreCase(value);
        hasCoding = true;
      } else if (name == HeaderNames.CONNECTION) {
        hasConnection = true;
      } else if (name == HeaderNames.TE) {
        hasTe = true;
      } else if (name == HeaderNames.UPGRADE) {
        upgrade = true;
      } else if (name == HeaderNames.KEEP_ALIVE || name == HeaderNames.PROXY_CONNECTION) {
        hasHopByHop = true;
      }
    }
    if (hasCoding) {
      if (contentLength >= 0) {
        return Http1Violation.LENGTH_AND_CODING;
      }
      if (!http11) {
        return Http1Violation.CODING_IN_HTTP_1_0;
      }
      if (!chunked) {
        return Http1Violation.UNKNOWN_CODING;
      }
    }
    return removeHopByHop(headers, http11);
  }

  private void reset() {
    chunked = false;
    contentLength = -1;
    host = null;
    close = false;
    keepAlive = false;
    upgrade = false;
    upgradeNominated = false;
    hostNominated = false;
    forwardedNominated = false;
    hasConnection = false;
    hasCoding = false;
    hasTe = false;
    hasHopByHop = false;
  }

  private @Nullable Http1Violation removeHopByHop(HeaderMap headers, boolean http11) {
    if (hasConnection) {
      int at;
      while ((at = headers.indexOf(HeaderNames.CONNECTION, 0)) >= 0) {
        AsciiString options = headers.value(at);
        headers.removeAt(at);
        if (!applyConnection(options, headers)) {
          return Http1Violation.INVALID_CONNECTION_OPTION;
        }
      }
    }
    if (hasCoding) {
      headers.remove(HeaderNames.TRANSFER_ENCODING);
    }
    if (hasHopByHop) {
      headers.remove(HeaderNames.KEEP_ALIVE);
      headers.remove(HeaderNames.PROXY_CONNECTION);
    }
    if (hasTe) {
      keepOnlyTrailers(headers);
    }
    // RFC 9110 §7.8: no Upgrade in HTTP/1.0, and only with the connection option
    if (upgrade && !(upgradeNominated && http11 && !isH2c(headers))) {
      upgrade = false;
      headers.remove(HeaderNames.UPGRADE);
    }
    return null;
  }

  /**
   * Whether HTTP/2 is offered, as Java's client does with every cleartext request. Nobody has to
   * take the offer up; Envoy's codec drops it and serves the request.
   */
  private static boolean isH2c(HeaderMap headers) {
    AsciiString protocol = headers.get(HeaderNames.UPGRADE);
    if (protocol == null || !H2C.contentEqualsIgnoreCase(protocol)) {
      return false;
    }
    headers.remove(HTTP2_SETTINGS);
    return true;
  }

  /** Takes in one {@code Connection} value. Returns false where an option is no token. */
  private boolean applyConnection(AsciiString options, HeaderMap headers) {
    int length = options.length();
    int from = 0;
    while (from < length) {
      int comma = options.indexOf(',', from);
      int next = comma < 0 ? length : comma;
      int start = skipBlanks(options, from, next);
      int end = trimBlanks(options, start, next);
      if (end > start) {
        AsciiString option = options.subSequence(start, end, false);
        if (!Octets.isToken(option)) {
          return false;
        }
        applyOption(option, headers);
      }
      from = next + 1;
    }
    return true;
  }

  private void applyOption(AsciiString option, HeaderMap headers) {
    if (CLOSE.contentEqualsIgnoreCase(option)) {
      close = true;
    } else if (HeaderNames.KEEP_ALIVE.contentEqualsIgnoreCase(option)) {
      keepAlive = true;
    } else if (HeaderNames.UPGRADE.contentEqualsIgnoreCase(option)) {
      upgradeNominated = true;
    } else if (HeaderNames.HOST.contentEqualsIgnoreCase(option)) {
      hostNominated = true;
    } else if (isForwarded(option)) {
      forwardedNominated = true;
      headers.remove(option.toLowerCase());
    } else if (!isEndToEnd(option)) {
      headers.remove(option.toLowerCase());
    }
  }

  private static boolean isForwarded(AsciiString option) {
    return HeaderNames.X_FORWARDED_FOR.contentEqualsIgnoreCase(option)
        || HeaderNames.X_FORWARDED_PROTO.contentEqualsIgnoreCase(option)
        || X_FORWARDED_HOST.contentEqualsIgnoreCase(option);
  }

  /** Fields that nobody can declare hop-by-hop: framing; {@code te} has its own rule. */
  private static boolean isEndToEnd(AsciiString option) {
    return HeaderNames.TE.contentEqualsIgnoreCase(option)
        || HeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(option)
        || HeaderNames.TRANSFER_ENCODING.contentEqualsIgnoreCase(option);
  }

  /** Reduces {@code te} to its one member that survives a hop, as Envoy does for gRPC. */
  private static void keepOnlyTrailers(HeaderMap headers) {
    boolean trailers = false;
    for (int at = headers.indexOf(HeaderNames.TE, 0);
        at >= 0;
        at = headers.indexOf(HeaderNames.TE, at + 1)) {
      trailers |= hasMember(headers.value(at), TRAILERS);
    }
    if (trailers) {
      headers.set(HeaderNames.TE, TRAILERS);
    } else {
      headers.remove(HeaderNames.TE);
    }
  }

  private static boolean hasMember(AsciiString list, AsciiString member) {
    int length = list.length();
    int from = 0;
    while (from < length) {
      int comma = list.indexOf(',', from);
      int next = comma < 0 ? length : comma;
      int start = skipBlanks(list, from, next);
      int end = trimBlanks(list, start, next);
      if (end - start == member.length()
          && list.regionMatches(true, start, member, 0, member.length())) {
        return true;
      }
      from = next + 1;
    }
    return false;
  }

  private static int skipBlanks(AsciiString text, int from, int to) {
    int i = from;
    while (i < to && isBlank(text.byteAt(i))) {
      i++;
    }
    return i;
  }

  private static int trimBlanks(AsciiString text, int from, int to) {
    int i = to;
    while (i > from && isBlank(text.byteAt(i - 1))) {
      i--;
    }
    return i;
  }

  private static boolean isBlank(byte octet) {
    return octet == Octets.SP || octet == Octets.HTAB;
  }

  /** Whether the body is chunked. */
  boolean chunked() {
    return chunked;
  }

  /** Whether there was a transfer coding. */
  boolean hasCoding() {
    return hasCoding;
  }

  /** Bytes of the body, or -1 where the head does not say. */
  long contentLength() {
    return contentLength;
  }

  @Nullable AsciiString host() {
    return host;
  }

  /** Whether {@code host} was declared to be for this hop. */
  boolean hostNominated() {
    return hostNominated;
  }

  /** Whether a field was declared to be for this hop that proxies set for those behind. */
  boolean forwardedNominated() {
    return forwardedNominated;
  }

  /** Whether the connection lives on after this message (RFC 9112 §9.3). */
  boolean persistent(boolean http11) {
    return !close && (http11 || keepAlive);
  }

  /** Whether the message asks for, or agrees to, another protocol. */
  boolean upgrade() {
    return upgrade;
  }
}
