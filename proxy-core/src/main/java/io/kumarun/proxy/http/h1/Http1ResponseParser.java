package io.kumarun.proxy.http.h1;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HeaderNames;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * Reads responses (RFC 9112 §4 and §6.3), which only have a framing together with their request:
 * {@link #expect} comes first. An informational head is a message of its own.
 */
final class Http1ResponseParser extends Http1MessageParser {
  private static final AsciiString STATUS_200 = AsciiString.cached("200");

  private boolean http11;
  private int status;
  private boolean toHead;
  private boolean toConnect;
  private boolean toUpgrade;

  Http1ResponseParser(Http1Limits limits) {
    super(limits);
  }

  /**
   * What was asked, and so what may come.
   *
   * @param method the request's
   * @param upgrade whether the request asks for another protocol
   */
  void expect(AsciiString method, boolean upgrade) {
    toHead = method.equals(Methods.HEAD);
    toConnect = method.equals(Methods.CONNECT);
    toUpgrade = upgrade;
  }

  @Override
  boolean skipsEmptyLines() {
    return false;
  }

  /** {@code HTTP-version SP 3DIGIT [ SP reason-phrase ]}; many servers omit the last space. */
  @Override
  @Nullable Http1Violation readStartLine(byte[] line, HeaderMap headers) {
    int code = Versions.LENGTH + 1;
    if (line.length < code + 3 || line[code - 1] != Octets.SP) {
      return Http1Violation.INVALID_STATUS_LINE;
    }
    int version = Versions.parse(line, 0, Versions.LENGTH);
    if (version < 0) {
      return version == Versions.UNSUPPORTED
          ? Http1Violation.UNSUPPORTED_VERSION
          : Http1Violation.INVALID_STATUS_LINE;
    }
    int end = code + 3;
    if (!Octets.isDigit(line[code])
        || line[code] == '0'
        || !Octets.isDigit(line[code + 1])
        || !Octets.isDigit(line[code + 2])
        || (end < line.length && line[end] != Octets.SP)
        || !Octets.isFieldText(line, end, line.length)) {
      return Http1Violation.INVALID_STATUS_LINE;
    }
    http11 = version == Versions.HTTP_1_1;
    status = (line[code] - '0') * 100 + (line[code + 1] - '0') * 10 + line[code + 2] - '0';
    headers.add(
        HeaderNames.STATUS, status == 200 ? STATUS_200 : new AsciiString(line, code, 3, false));
    return null;
  }

  @Override
  @Nullable Http1Violation endHead(HeaderMap headers) {
    Http1Violation wrong = fields.read(headers, http11);
    if (wrong != null) {
      return wrong;
    }
    if (status == 101) {
      if (!toUpgrade || !fields.upgrade()) {
        return Http1Violation.UNEXPECTED_SWITCH;
      }
      body.beginUntilClose();
    } else if (status < 200 || status == 204) {
      // RFC 9112 §6.1, RFC 9110 §8.6: the sender must not; Envoy refuses it, too
      if (fields.hasCoding() || fields.contentLength() > 0) {
        return Http1Violation.BODY_NOT_ALLOWED;
      }
      body.beginEmpty();
    } else if (toConnect && status < 300) {
      body.beginUntilClose();
    } else if (toHead || status == 304) {
      body.beginEmpty();
    } else if (fields.chunked()) {
      body.beginChunked();
    } else if (fields.contentLength() >= 0) {
      body.beginLength(fields.contentLength());
    } else {
      body.beginUntilClose();
    }
    return null;
  }

  /** Whether the last head is a 1xx that another head follows. */
  boolean informational() {
    return status < 200 && status != 101;
  }

  /** Whether the last head made the connection a tunnel. */
  boolean tunnel() {
    return status == 101 || (toConnect && status >= 200 && status < 300);
  }

  /** Whether the connection may serve another request after this response. */
  boolean persistent() {
    return fields.persistent(http11) && !body.endsWithConnection();
  }

  /** Whether the end of the connection completes the message. */
  boolean endsWithConnection() {
    return body.endsWithConnection();
  }
}
