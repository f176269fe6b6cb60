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
  private boolean http11;
  private boolean connect;

  Http1RequestParser(Http1Limits limits) {
    super(limits);
  }

  @Override
  boolean skipsEmptyLines() {
    return true;
  }

  @Override
  @Nullable Http1Violation readStartLine(byte[] line, HeaderMap headers) {
    int methodEnd = indexOfSpace(line, 0);
    int targetEnd = methodEnd < 0 ? -1 : indexOfSpace(line, methodEnd + 1);
    if (targetEnd < 0 || !Octets.isToken(line, 0, methodEnd)) {
      return Http1Violation.INVALID_REQUEST_LINE;
    }
    int version = Versions.parse(line, targetEnd + 1, line.length);
    if (version == Versions.INVALID) {
      return Http1Violation.INVALID_REQUEST_LINE;
    }
    if (version == Versions.UNSUPPORTED) {
      return Http1Violation.UNSUPPORTED_VERSION;
    }
    http11 = version == Versions.HTTP_1_1;
    AsciiString method = Methods.of(line, methodEnd);
    connect = method.equals(Methods.CONNECT);
    headers.add(HeaderNames.METHOD, method);
    return RequestTarget.read(method, line, methodEnd + 1, targetEnd, headers)
        ? null
        : Http1Violation.INVALID_TARGET;
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
    if (host == null) {
      if (http11) {
        return Http1Violation.MISSING_HOST;
      }
    } else {
      if (!Octets.isAuthority(host)) {
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
