package io.kumarun.proxy.http.h1;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HeaderNames;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * Reads requests (RFC 9112 §3). The head has {@code :method}, {@code :authority} and {@code :path}
 * first ({@code :scheme}, too, where the target was absolute; no {@code :path} for CONNECT), no
 * {@code host} and nothing that was for this hop.
 */
final class Http1RequestParser extends Http1MessageParser {
  private final boolean acceptsHttp10;
  private boolean http11;
  private boolean connect;

  Http1RequestParser(Http1Limits limits) {
    super(limits);
    this.acceptsHttp10 = limits.acceptHttp10();
  }

  @Override
  boolean skipsEmptyLines() {
    return true;
  }

  @Override
  @Nullable Http1Violation readStartLine(byte[] line, HeaderMap headers) {
    int methodEnd = indexOfSpace(line, 0);
    if (isWithoutVersion(line, methodEnd)) {
      return Http1Violation.UNSUPPORTED_VERSION;
    }
    int targetEnd = methodEnd < 0 ? -1 : indexOfSpace(line, methodEnd + 1);
    if (targetEnd < 0 || !Octets.isToken(line, 0, methodEnd)) {
      return Http1Violation.INVALID_REQUEST_LINE;
    }
    int version = Versions.parse(line, targetEnd + 1, line.length);
    if (version == Versions.INVALID) {
      return Http1Violation.INVALID_REQUEST_LINE;
    }
    if (version == Versions.UNSUPPORTED || (version == Versions.HTTP_1_0 && !acceptsHttp10)) {
      return Http1Violation.UNSUPPORTED_VERSION;
    }
    http11 = version == Versions.HTTP_1_1;
    AsciiString method = Methods.of(line, methodEnd);
    if (method == null) {
      return Http1Violation.UNKNOWN_METHOD;
    }
    connect = method.equals(Methods.CONNECT);
    headers.add(HeaderNames.METHOD, method);
    return RequestTarget.read(method, line, methodEnd + 1, targetEnd, headers)
        ? null
        : invalidTarget(line, methodEnd + 1, targetEnd);
  }

  /** {@code GET /}: a method that is known and a path, as HTTP/0.9 had it. */
  private static boolean isWithoutVersion(byte[] line, int methodEnd) {
    return methodEnd > 0
        && methodEnd + 1 < line.length
        && line[methodEnd + 1] == '/'
        && indexOfSpace(line, methodEnd + 1) < 0
        && Methods.of(line, methodEnd) != null;
  }

  private static Http1Violation invalidTarget(byte[] line, int from, int to) {
    for (int i = from; i < to; i++) {
      if (line[i] == '#') {
        return Http1Violation.FRAGMENT;
      }
    }
    return Http1Violation.INVALID_TARGET;
  }

  private static int indexOfSpace(byte[] line, int from) {
    for (int i = from; i < line.length; i++) {
      if (line[i] == Octets.SP) {
        return i;
      }
    }
    return -1;
  }

  @Override
  @Nullable Http1Violation endHead(HeaderMap headers) {
    Http1Violation wrong = fields.read(headers, http11);
    if (wrong == null) {
      wrong = moveHost(headers);
    }
    if (wrong != null) {
      return wrong;
    }
    if (connect) {
      if (fields.chunked() || fields.contentLength() > 0) {
        return Http1Violation.BODY_NOT_ALLOWED;
      }
      body.beginTunnelPending();
    } else if (fields.chunked()) {
      body.beginChunked();
    } else {
      body.beginLength(Math.max(0, fields.contentLength()));
    }
    return null;
  }

  /** {@code host} becomes {@code :authority}, unless the target had one (RFC 9112 §3.2.2). */
  private @Nullable Http1Violation moveHost(HeaderMap headers) {
    AsciiString host = fields.host();
    if (fields.hostNominated()) {
      return Http1Violation.MISSING_HOST;
    }
    if (fields.forwardedNominated()) {
      return Http1Violation.INVALID_CONNECTION_OPTION;
    }
    if (host == null) {
      if (http11) {
        return Http1Violation.MISSING_HOST;
      }
    } else {
      // An empty one is allowed (RFC 9112 §3.2): there is no authority.
      if (!host.isEmpty() && !Octets.isAuthority(host)) {
        return Http1Violation.INVALID_HOST;
      }
      headers.remove(HeaderNames.HOST);
    }
    int authority = headers.indexOf(HeaderNames.AUTHORITY, 0);
    if (headers.value(authority).isEmpty()) {
      if (host == null) {
        headers.removeAt(authority);
      } else {
        headers.set(HeaderNames.AUTHORITY, host);
      }
    }
    return null;
  }

  /** Whether the request is HTTP/1.1 and not 1.0. */
  boolean http11() {
    return http11;
  }

  boolean connect() {
    return connect;
  }

  /** Whether the connection may serve another request after this one. */
  boolean persistent() {
    return fields.persistent(http11) && !connect;
  }

  /** Whether the request asks for another protocol. */
  boolean upgrade() {
    return fields.upgrade();
  }
}
