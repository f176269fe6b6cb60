package io.kumarun.proxy.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Http1ResponseParserTest {

  /** A response to a request of a method, and what it must come to. */
  record Case(String name, String method, boolean upgrade, String raw, String outcome) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case refused(String name, String raw, Http1Violation violation) {
    return new Case(name, "GET", false, raw, "violation " + violation);
  }

  private static Case accepted(String name, String method, String raw, String events) {
    return new Case(name, method, false, raw, events);
  }

  static Stream<Case> hostile() {
    return Stream.of(
        refused("no version", "200 OK\r\n\r\n", Http1Violation.INVALID_STATUS_LINE),
        refused(
            "empty line first", "\r\nHTTP/1.1 200 OK\r\n\r\n", Http1Violation.INVALID_STATUS_LINE),
        refused("version 2.0", "HTTP/2.0 200 OK\r\n\r\n", Http1Violation.UNSUPPORTED_VERSION),
        refused(
            "lower-case version", "http/1.1 200 OK\r\n\r\n", Http1Violation.INVALID_STATUS_LINE),
        refused(
            "status of two digits", "HTTP/1.1 20 OK\r\n\r\n", Http1Violation.INVALID_STATUS_LINE),
        refused(
            "status of four digits",
            "HTTP/1.1 2000 OK\r\n\r\n",
            Http1Violation.INVALID_STATUS_LINE),
        refused("status 099", "HTTP/1.1 099 OK\r\n\r\n", Http1Violation.INVALID_STATUS_LINE),
        refused("status word", "HTTP/1.1 abc OK\r\n\r\n", Http1Violation.INVALID_STATUS_LINE),
        refused(
            "two spaces before status",
            "HTTP/1.1  200 OK\r\n\r\n",
            Http1Violation.INVALID_STATUS_LINE),
        refused(
            "control in reason",
            "HTTP/1.1 200 O\u0001K\r\n\r\n",
            Http1Violation.INVALID_STATUS_LINE),
        refused(
            "bare CR in reason",
            "HTTP/1.1 200 OK\rX: 1\r\n\r\n",
            Http1Violation.INVALID_STATUS_LINE),
        refused("bare LF", "HTTP/1.1 200 OK\n\n", Http1Violation.BARE_LF),
        refused("a request", "GET / HTTP/1.1\r\n\r\n", Http1Violation.INVALID_STATUS_LINE),
        refused(
            "length and coding",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            Http1Violation.LENGTH_AND_CODING),
        refused(
            "lengths that differ",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            Http1Violation.DUPLICATE_CONTENT_LENGTH),
        refused(
            "unknown coding",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            Http1Violation.UNKNOWN_CODING),
        refused(
            "coding in HTTP/1.0",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            Http1Violation.CODING_IN_HTTP_1_0),
        refused(
            "204 with a body",
            "HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\na",
            Http1Violation.BODY_NOT_ALLOWED),
        refused(
            "204 with chunks",
            "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
            Http1Violation.BODY_NOT_ALLOWED),
        refused(
            "100 with a body",
            "HTTP/1.1 100 Continue\r\nContent-Length: 1\r\n\r\na",
            Http1Violation.BODY_NOT_ALLOWED),
        refused(
            "101 that nobody asked for",
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
            Http1Violation.UNEXPECTED_SWITCH),
        new Case(
            "101 without upgrade",
            "GET",
            true,
            "HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "violation UNEXPECTED_SWITCH"),
        refused(
            "obs-fold",
            "HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\n\r\n",
            Http1Violation.LEADING_WHITESPACE));
  }

  static Stream<Case> honest() {
    return Stream.of(
        accepted(
            "length",
            "GET",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab",
            "head :status: 200 | content-length: 2\ndata ab\nEND"),
        accepted("no reason", "GET", "HTTP/1.1 204\r\n\r\n", "head :status: 204 END"),
        accepted("empty reason", "GET", "HTTP/1.1 204 \r\n\r\n", "head :status: 204 END"),
        accepted(
            "chunks and trailers",
            "GET",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX: 1\r\n\r\n",
            "head :status: 200\ndata ab\ntrailers x: 1"),
        accepted("until close", "GET", "HTTP/1.1 200 OK\r\n\r\nab", "head :status: 200\ndata ab"),
        accepted(
            "to HEAD",
            "HEAD",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
            "head :status: 200 | content-length: 5 END"),
        accepted(
            "to HEAD, chunked",
            "HEAD",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "head :status: 200 END"),
        accepted(
            "304 with length",
            "GET",
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
            "head :status: 304 | content-length: 5 END"),
        accepted(
            "informational",
            "GET",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            "informational :status: 100\ninformational :status: 103 | link: x\nhead :status: 200 | content-length: 0 END"),
        accepted(
            "to CONNECT",
            "CONNECT",
            "HTTP/1.1 200 OK\r\n\r\nbytes",
            "head :status: 200\ndata bytes"),
        accepted(
            "to CONNECT, refused",
            "CONNECT",
            "HTTP/1.1 403 Forbidden\r\nContent-Length: 1\r\n\r\nx",
            "head :status: 403 | content-length: 1\ndata x\nEND"),
        new Case(
            "switch",
            "GET",
            true,
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nbytes",
            "head :status: 101 | upgrade: websocket\ndata bytes"),
        accepted(
            "hop-by-hop fields",
            "GET",
            "HTTP/1.1 204 x\r\nConnection: keep-alive, x-hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\n",
            "head :status: 204 | set-cookie: a | set-cookie: b END"));
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void refusesForTheRightReason(Case hostile) {
    assertThat(ParserRun.responsesTo(hostile.method(), hostile.upgrade()).whole(hostile.raw()))
        .isEqualTo(hostile.outcome());
  }

  @ParameterizedTest
  @MethodSource("honest")
  void understands(Case honest) {
    assertThat(ParserRun.responsesTo(honest.method(), honest.upgrade()).whole(honest.raw()))
        .isEqualTo(honest.outcome());
  }
}
