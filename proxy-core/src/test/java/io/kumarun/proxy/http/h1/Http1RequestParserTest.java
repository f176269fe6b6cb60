package io.kumarun.proxy.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.proxy.http.HeaderNames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Http1RequestParserTest {

  /** A request and what it must come to: a violation, or the transcript of its events. */
  record Case(String name, String raw, Object outcome) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case refused(String name, String raw, Http1Violation violation) {
    return new Case(name, raw, violation);
  }

  private static Case accepted(String name, String raw, String events) {
    return new Case(name, raw, events);
  }

  private static String get(String fields) {
    return "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
  }

  private static String post(String fields, String body) {
    return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
  }

  private static String chunked(String body) {
    return post("Transfer-Encoding: chunked\r\n", body);
  }

  private static String line(String requestLine) {
    return requestLine + "\r\nHost: a\r\n\r\n";
  }

  static Stream<Case> hostile() {
    return Stream.of(
        // request line
        refused("no version", line("GET /"), Http1Violation.UNSUPPORTED_VERSION),
        refused("empty version", line("GET / "), Http1Violation.INVALID_REQUEST_LINE),
        refused(
            "two spaces before target",
            line("GET  / HTTP/1.1"),
            Http1Violation.INVALID_REQUEST_LINE),
        refused(
            "two spaces before version",
            line("GET /  HTTP/1.1"),
            Http1Violation.INVALID_REQUEST_LINE),
        refused(
            "space behind version", line("GET / HTTP/1.1 "), Http1Violation.INVALID_REQUEST_LINE),
        refused("space in target", line("GET /a b HTTP/1.1"), Http1Violation.INVALID_REQUEST_LINE),
        refused("tab for space", line("GET\t/ HTTP/1.1"), Http1Violation.INVALID_REQUEST_LINE),
        refused("leading space", line(" GET / HTTP/1.1"), Http1Violation.INVALID_REQUEST_LINE),
        refused("method no token", line("G(T / HTTP/1.1"), Http1Violation.INVALID_REQUEST_LINE),
        refused("method with NUL", line("G\0T / HTTP/1.1"), Http1Violation.INVALID_REQUEST_LINE),
        refused("lower-case protocol", line("GET / http/1.1"), Http1Violation.INVALID_REQUEST_LINE),
        refused("version of one digit", line("GET / HTTP/1"), Http1Violation.INVALID_REQUEST_LINE),
        refused(
            "version of three digits",
            line("GET / HTTP/1.10"),
            Http1Violation.INVALID_REQUEST_LINE),
        refused("version 1.2", line("GET / HTTP/1.2"), Http1Violation.UNSUPPORTED_VERSION),
        refused("version 2.0", line("GET / HTTP/2.0"), Http1Violation.UNSUPPORTED_VERSION),
        refused("version 0.9", line("GET / HTTP/0.9"), Http1Violation.UNSUPPORTED_VERSION),
        refused("HTTP/0.9 form", "GET /\r\n", Http1Violation.UNSUPPORTED_VERSION),
        refused("unknown method", line("BREW / HTTP/1.1"), Http1Violation.UNKNOWN_METHOD),
        refused(
            "known method in small letters", line("get / HTTP/1.1"), Http1Violation.UNKNOWN_METHOD),
        refused("a response", "HTTP/1.1 200 OK\r\n\r\n", Http1Violation.INVALID_REQUEST_LINE),
        refused(
            "bare LF behind request line",
            "GET / HTTP/1.1\nHost: a\r\n\r\n",
            Http1Violation.BARE_LF),
        refused(
            "bare CR in request line",
            "GET / HTTP/1.1\rHost: a\r\n\r\n",
            Http1Violation.INVALID_REQUEST_LINE),
        refused(
            "CR CR LF", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", Http1Violation.INVALID_REQUEST_LINE),
        refused(
            "bare LF before request line",
            "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            Http1Violation.BARE_LF),
        // target
        refused("relative target", line("GET a HTTP/1.1"), Http1Violation.INVALID_TARGET),
        refused("fragment", line("GET /a#b HTTP/1.1"), Http1Violation.FRAGMENT),
        refused("control in target", line("GET /a\u0001 HTTP/1.1"), Http1Violation.INVALID_TARGET),
        refused("DEL in target", line("GET /a\u007f HTTP/1.1"), Http1Violation.INVALID_TARGET),
        refused(
            "high octet in target", line("GET /\u00e4 HTTP/1.1"), Http1Violation.INVALID_TARGET),
        refused("asterisk with GET", line("GET * HTTP/1.1"), Http1Violation.INVALID_TARGET),
        refused("asterisk and more", line("OPTIONS *a HTTP/1.1"), Http1Violation.INVALID_TARGET),
        refused("unknown scheme", line("GET ftp://b/ HTTP/1.1"), Http1Violation.INVALID_TARGET),
        refused(
            "absolute without host", line("GET http:///x HTTP/1.1"), Http1Violation.INVALID_TARGET),
        refused(
            "absolute with user info",
            line("GET http://u@b/x HTTP/1.1"),
            Http1Violation.INVALID_TARGET),
        refused(
            "absolute with bad port",
            line("GET http://b:8x/ HTTP/1.1"),
            Http1Violation.INVALID_TARGET),
        refused(
            "absolute with port 65536",
            line("GET http://b:65536/ HTTP/1.1"),
            Http1Violation.INVALID_TARGET),
        refused("CONNECT with path", line("CONNECT / HTTP/1.1"), Http1Violation.INVALID_TARGET),
        refused("CONNECT without port", line("CONNECT b HTTP/1.1"), Http1Violation.INVALID_TARGET),
        refused(
            "CONNECT with empty port", line("CONNECT b: HTTP/1.1"), Http1Violation.INVALID_TARGET),
        refused(
            "CONNECT absolute",
            line("CONNECT http://b:80/ HTTP/1.1"),
            Http1Violation.INVALID_TARGET),
        refused(
            "CONNECT with body",
            "CONNECT b:80 HTTP/1.1\r\nHost: b\r\nContent-Length: 3\r\n\r\n",
            Http1Violation.BODY_NOT_ALLOWED),
        refused(
            "CONNECT chunked",
            "CONNECT b:80 HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n",
            Http1Violation.BODY_NOT_ALLOWED),
        // fields
        refused("space before colon", get("X : 1\r\n"), Http1Violation.INVALID_FIELD_NAME),
        refused("tab before colon", get("X\t: 1\r\n"), Http1Violation.INVALID_FIELD_NAME),
        refused(
            "content-length with space before colon",
            post("Content-Length : 3\r\n", "abc"),
            Http1Violation.INVALID_FIELD_NAME),
        refused("empty name", get(": 1\r\n"), Http1Violation.INVALID_FIELD_NAME),
        refused("no colon", get("X\r\n"), Http1Violation.INVALID_FIELD_NAME),
        refused("bracket in name", get("X[]: 1\r\n"), Http1Violation.INVALID_FIELD_NAME),
        refused("NUL in name", get("X\0: 1\r\n"), Http1Violation.INVALID_FIELD_NAME),
        refused("high octet in name", get("X\u00ff: 1\r\n"), Http1Violation.INVALID_FIELD_NAME),
        refused(
            "pseudo-header on the wire", get(":path: /b\r\n"), Http1Violation.INVALID_FIELD_NAME),
        refused("obs-fold", get("X: 1\r\n 2\r\n"), Http1Violation.LEADING_WHITESPACE),
        refused("obs-fold with tab", get("X: 1\r\n\t2\r\n"), Http1Violation.LEADING_WHITESPACE),
        refused(
            "folded transfer-encoding",
            get("Transfer-Encoding:\r\n chunked\r\n"),
            Http1Violation.LEADING_WHITESPACE),
        refused(
            "white space before first field",
            "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
            Http1Violation.LEADING_WHITESPACE),
        refused("line of white space", get(" \r\n"), Http1Violation.LEADING_WHITESPACE),
        refused("NUL in value", get("X: a\0b\r\n"), Http1Violation.INVALID_FIELD_VALUE),
        refused("control in value", get("X: a\u0007\r\n"), Http1Violation.INVALID_FIELD_VALUE),
        refused("DEL in value", get("X: a\u007f\r\n"), Http1Violation.INVALID_FIELD_VALUE),
        refused("bare CR in value", get("X: a\rY: b\r\n"), Http1Violation.INVALID_FIELD_VALUE),
        refused("CR before CRLF", get("X: a\r\r\n"), Http1Violation.INVALID_FIELD_VALUE),
        refused("bare LF behind field", get("X: a\nY: b\r\n"), Http1Violation.BARE_LF),
        refused(
            "bare LF as end of head", "GET / HTTP/1.1\r\nHost: a\r\n\n", Http1Violation.BARE_LF),
        refused(
            "bare CR as line end",
            "GET / HTTP/1.1\r\nHost: a\r\n\rX: 1\r\n\r\n",
            Http1Violation.INVALID_FIELD_NAME),
        // host
        refused("no host", "GET / HTTP/1.1\r\n\r\n", Http1Violation.MISSING_HOST),
        refused("no host, absolute", "GET http://b/ HTTP/1.1\r\n\r\n", Http1Violation.MISSING_HOST),
        refused("two hosts", get("Host: b\r\n"), Http1Violation.DUPLICATE_HOST),
        refused("same host twice", get("hOST: a\r\n"), Http1Violation.DUPLICATE_HOST),
        refused(
            "two hosts in 1.0",
            "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n",
            Http1Violation.DUPLICATE_HOST),
        refused(
            "forwarded field for this hop",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: X-Forwarded-For\r\n\r\n",
            Http1Violation.INVALID_CONNECTION_OPTION),
        refused(
            "host for this hop",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: host\r\n\r\n",
            Http1Violation.MISSING_HOST),
        refused("host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", Http1Violation.INVALID_HOST),
        refused(
            "host with path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", Http1Violation.INVALID_HOST),
        refused(
            "host with user info",
            "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n",
            Http1Violation.INVALID_HOST),
        refused(
            "host with two ports",
            "GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n",
            Http1Violation.INVALID_HOST),
        refused(
            "host with signed port",
            "GET / HTTP/1.1\r\nHost: a:+80\r\n\r\n",
            Http1Violation.INVALID_HOST),
        refused(
            "open IPv6 host", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", Http1Violation.INVALID_HOST),
        // content-length
        refused(
            "length with plus",
            post("Content-Length: +3\r\n", "abc"),
            Http1Violation.INVALID_CONTENT_LENGTH),
        refused(
            "length negative",
            post("Content-Length: -1\r\n", ""),
            Http1Violation.INVALID_CONTENT_LENGTH),
        refused(
            "length negative overflow",
            post("Content-Length: -123456789123456789123456789\r\n", ""),
            Http1Violation.INVALID_CONTENT_LENGTH),
        refused(
            "length hexadecimal",
            post("Content-Length: 0x3\r\n", "abc"),
            Http1Violation.INVALID_CONTENT_LENGTH),
        refused(
            "length with fraction",
            post("Content-Length: 3.0\r\n", "abc"),
            Http1Violation.INVALID_CONTENT_LENGTH),
        refused(
            "length with inner space",
            post("Content-Length: 1 0\r\n", "abc"),
            Http1Violation.INVALID_CONTENT_LENGTH),
        refused(
            "length empty", post("Content-Length:\r\n", ""), Http1Violation.INVALID_CONTENT_LENGTH),
        refused(
            "length word",
            post("Content-Length: abc\r\n", ""),
            Http1Violation.INVALID_CONTENT_LENGTH),
        refused(
            "length list",
            post("Content-Length: 3, 3\r\n", "abc"),
            Http1Violation.INVALID_CONTENT_LENGTH),
        refused(
            "length 2^63",
            post("Content-Length: 9223372036854775808\r\n", ""),
            Http1Violation.INVALID_CONTENT_LENGTH),
        refused(
            "length 2^64+3",
            post("Content-Length: 18446744073709551619\r\n", "abc"),
            Http1Violation.INVALID_CONTENT_LENGTH),
        refused(
            "lengths that differ",
            post("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"),
            Http1Violation.DUPLICATE_CONTENT_LENGTH),
        refused(
            "lengths that agree",
            post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"),
            Http1Violation.DUPLICATE_CONTENT_LENGTH),
        // transfer-encoding
        refused(
            "CL.TE",
            post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nG"),
            Http1Violation.LENGTH_AND_CODING),
        refused(
            "TE.CL",
            post(
                "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
                "8\r\nSMUGGLED\r\n0\r\n\r\n"),
            Http1Violation.LENGTH_AND_CODING),
        refused(
            "CL.TE with unknown coding",
            post("Content-Length: 6\r\nTransfer-Encoding: xchunked\r\n", "abcdef"),
            Http1Violation.LENGTH_AND_CODING),
        refused(
            "coding prefix",
            post("Transfer-Encoding: xchunked\r\n", ""),
            Http1Violation.UNKNOWN_CODING),
        refused(
            "coding twice",
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", ""),
            Http1Violation.UNKNOWN_CODING),
        refused(
            "coding twice in a list",
            post("Transfer-Encoding: chunked, chunked\r\n", ""),
            Http1Violation.UNKNOWN_CODING),
        refused(
            "coding and identity",
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", ""),
            Http1Violation.UNKNOWN_CODING),
        refused(
            "identity", post("Transfer-Encoding: identity\r\n", ""), Http1Violation.UNKNOWN_CODING),
        refused(
            "gzip, chunked",
            post("Transfer-Encoding: gzip, chunked\r\n", ""),
            Http1Violation.UNKNOWN_CODING),
        refused("empty coding", post("Transfer-Encoding:\r\n", ""), Http1Violation.UNKNOWN_CODING),
        refused(
            "coding with parameter",
            post("Transfer-Encoding: chunked;a=b\r\n", ""),
            Http1Violation.UNKNOWN_CODING),
        refused(
            "coding with vertical tab",
            post("Transfer-Encoding: \u000bchunked\r\n", ""),
            Http1Violation.INVALID_FIELD_VALUE),
        refused(
            "coding quoted",
            post("Transfer-Encoding: \"chunked\"\r\n", ""),
            Http1Violation.UNKNOWN_CODING),
        refused(
            "coding in HTTP/1.0",
            "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            Http1Violation.CODING_IN_HTTP_1_0),
        // connection
        refused(
            "connection option no token",
            get("Connection: a b\r\n"),
            Http1Violation.INVALID_CONNECTION_OPTION),
        refused(
            "connection nominates a pseudo-header",
            get("Connection: :path\r\n"),
            Http1Violation.INVALID_CONNECTION_OPTION),
        // chunks
        refused(
            "chunk size empty", chunked("\r\nabc\r\n0\r\n\r\n"), Http1Violation.INVALID_CHUNK_SIZE),
        refused("chunk size word", chunked("xyz\r\n"), Http1Violation.INVALID_CHUNK_SIZE),
        refused("chunk size 0x", chunked("0x3\r\nabc\r\n"), Http1Violation.INVALID_CHUNK_SIZE),
        refused("chunk size negative", chunked("-3\r\nabc\r\n"), Http1Violation.INVALID_CHUNK_SIZE),
        refused("chunk size plus", chunked("+3\r\nabc\r\n"), Http1Violation.INVALID_CHUNK_SIZE),
        refused(
            "chunk size leading space",
            chunked(" 3\r\nabc\r\n"),
            Http1Violation.INVALID_CHUNK_SIZE),
        refused(
            "chunk size trailing space",
            chunked("3 \r\nabc\r\n"),
            Http1Violation.INVALID_CHUNK_SIZE),
        refused(
            "chunk size trailing tab",
            chunked("3\t\r\nabc\r\n"),
            Http1Violation.INVALID_CHUNK_SIZE),
        refused(
            "chunk size overflow",
            chunked("10000000000000003\r\nabc\r\n"),
            Http1Violation.INVALID_CHUNK_SIZE),
        refused(
            "chunk size 2^63", chunked("8000000000000000\r\n"), Http1Violation.INVALID_CHUNK_SIZE),
        refused(
            "chunk size padded without end",
            chunked("00000000000000003\r\nabc\r\n"),
            Http1Violation.INVALID_CHUNK_SIZE),
        refused(
            "chunk size with underscore", chunked("1_0\r\n"), Http1Violation.INVALID_CHUNK_SIZE),
        refused("chunk size bare LF", chunked("3\nabc\r\n0\r\n\r\n"), Http1Violation.BARE_LF),
        refused(
            "chunk size bare CR",
            chunked("3\rabc\r\n0\r\n\r\n"),
            Http1Violation.INVALID_CHUNK_SIZE),
        refused(
            "chunk longer than said",
            chunked("3\r\nabcd\r\n0\r\n\r\n"),
            Http1Violation.INVALID_CHUNK_END),
        refused(
            "chunk shorter than said",
            chunked("4\r\nabc\r\n0\r\n\r\n"),
            Http1Violation.INVALID_CHUNK_END),
        refused(
            "chunk end bare LF", chunked("3\r\nabc\n0\r\n\r\n"), Http1Violation.INVALID_CHUNK_END),
        refused(
            "chunk end bare CR", chunked("3\r\nabc\r0\r\n\r\n"), Http1Violation.INVALID_CHUNK_END),
        refused(
            "chunk extension without name",
            chunked("3;\r\nabc\r\n"),
            Http1Violation.INVALID_CHUNK_EXTENSION),
        refused("chunk extension with LF", chunked("3;a\nb\r\nabc\r\n"), Http1Violation.BARE_LF),
        refused(
            "chunk extension with CR",
            chunked("3;a=\"\rb\"\r\nabc\r\n"),
            Http1Violation.INVALID_CHUNK_EXTENSION),
        refused(
            "chunk extension with NUL",
            chunked("3;a=\"\0\"\r\nabc\r\n"),
            Http1Violation.INVALID_CHUNK_EXTENSION),
        refused(
            "chunk extension open quote",
            chunked("3;a=\"b\r\nabc\r\n"),
            Http1Violation.INVALID_CHUNK_EXTENSION),
        refused(
            "chunk extension endless",
            chunked("3;" + "a".repeat(5000)),
            Http1Violation.CHUNK_OVERHEAD),
        refused(
            "chunk extensions beyond reason",
            chunked(("1;" + "a".repeat(1000) + "\r\nx\r\n").repeat(20)),
            Http1Violation.CHUNK_OVERHEAD),
        refused("last chunk bare LF", chunked("0\n\n"), Http1Violation.BARE_LF),
        refused("trailers end with bare LF", chunked("0\r\n\n"), Http1Violation.BARE_LF),
        refused(
            "trailer with space before colon",
            chunked("0\r\nX : 1\r\n\r\n"),
            Http1Violation.INVALID_FIELD_NAME),
        refused(
            "trailer folded",
            chunked("0\r\nX: 1\r\n 2\r\n\r\n"),
            Http1Violation.LEADING_WHITESPACE),
        refused(
            "trailers too large",
            chunked("0\r\nX: " + "a".repeat(70_000)),
            Http1Violation.HEAD_TOO_LARGE),
        refused(
            "trailers too many",
            chunked("0\r\n" + "X: 1\r\n".repeat(101)),
            Http1Violation.TOO_MANY_HEADERS),
        // limits
        refused(
            "request line too long", "GET /" + "a".repeat(70_000), Http1Violation.HEAD_TOO_LARGE),
        refused(
            "one field too long", get("X: " + "a".repeat(70_000)), Http1Violation.HEAD_TOO_LARGE),
        refused(
            "head too long",
            get(("X: " + "a".repeat(1000) + "\r\n").repeat(70)),
            Http1Violation.HEAD_TOO_LARGE),
        refused("too many fields", get("X: 1\r\n".repeat(100)), Http1Violation.TOO_MANY_HEADERS),
        refused("endless empty lines", "\r\n".repeat(40_000), Http1Violation.HEAD_TOO_LARGE));
  }

  static Stream<Case> honest() {
    return Stream.of(
        accepted(
            "origin form",
            get("X-Y: 1\r\n"),
            "head :method: GET | :authority: a | :path: / | x-y: 1 END"),
        accepted(
            "leading empty lines",
            "\r\n\r\n" + get(""),
            "head :method: GET | :authority: a | :path: / END"),
        accepted(
            "white space around a value",
            get("X: \t a b \t\r\nE:\r\n"),
            "head :method: GET | :authority: a | :path: / | x: a b | e: END"),
        accepted(
            "obs-text in a value",
            get("X: \u00e4\r\n"),
            "head :method: GET | :authority: a | :path: / | x: \u00e4 END"),
        accepted(
            "own method",
            line("PROPFIND / HTTP/1.1"),
            "head :method: PROPFIND | :authority: a | :path: / END"),
        accepted(
            "empty host",
            "GET / HTTP/1.1\r\nHost:\r\n\r\n",
            "head :method: GET | :authority:  | :path: / END"),
        accepted(
            "IPv6 host",
            "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
            "head :method: GET | :authority: [::1]:80 | :path: / END"),
        accepted(
            "absolute form wins over host",
            line("GET http://b:81/x?y HTTP/1.1"),
            "head :method: GET | :authority: b:81 | :path: /x?y | :scheme: http END"),
        accepted(
            "absolute form without path",
            line("GET HTTPS://b?y HTTP/1.1"),
            "head :method: GET | :authority: b | :path: /?y | :scheme: https END"),
        accepted(
            "absolute form of OPTIONS",
            line("OPTIONS http://b HTTP/1.1"),
            "head :method: OPTIONS | :authority: b | :path: / | :scheme: http END"),
        accepted(
            "asterisk",
            line("OPTIONS * HTTP/1.1"),
            "head :method: OPTIONS | :authority: a | :path: * END"),
        accepted(
            "CONNECT",
            "CONNECT b:80 HTTP/1.1\r\nHost: b:80\r\n\r\n",
            "head :method: CONNECT | :authority: b:80"),
        accepted(
            "HTTP/1.0 without host", "GET / HTTP/1.0\r\n\r\n", "head :method: GET | :path: / END"),
        accepted(
            "length",
            post("Content-Length: 3\r\n", "abc"),
            "head :method: POST | :authority: a | :path: / | content-length: 3\ndata abc\nEND"),
        accepted(
            "length 0",
            post("Content-Length: 0\r\n", ""),
            "head :method: POST | :authority: a | :path: / | content-length: 0 END"),
        accepted(
            "length nominated stays",
            post("Connection: content-length\r\nContent-Length: 1\r\n", "a"),
            "head :method: POST | :authority: a | :path: / | content-length: 1\ndata a\nEND"),
        accepted(
            "chunks",
            chunked("3\r\nabc\r\n00A;x;y=\"q\\\"\";z=1\r\n0123456789\r\n0\r\n\r\n"),
            "head :method: POST | :authority: a | :path: /\ndata abc0123456789\nEND"),
        accepted(
            "coding in capitals",
            post("transfer-encoding: CHUNKED\r\n", "0\r\n\r\n"),
            "head :method: POST | :authority: a | :path: /\nEND"),
        accepted(
            "trailers",
            chunked("1\r\na\r\n0\r\nGrpc-Status: 0\r\nContent-Length: 5\r\nHost: b\r\n\r\n"),
            "head :method: POST | :authority: a | :path: /\ndata a\ntrailers grpc-status: 0"),
        accepted(
            "forbidden trailers only",
            chunked("0\r\nTransfer-Encoding: chunked\r\n\r\n"),
            "head :method: POST | :authority: a | :path: /\nEND"),
        accepted(
            "hop-by-hop fields",
            get(
                "Connection: close, X-Hop ,,Keep-Alive\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nX-End: 1\r\n"),
            "head :method: GET | :authority: a | :path: / | x-end: 1 END"),
        accepted(
            "te with trailers",
            get("TE: gzip, Trailers\r\nConnection: TE\r\n"),
            "head :method: GET | :authority: a | :path: / | te: trailers END"),
        accepted(
            "te without trailers",
            get("TE: gzip\r\n"),
            "head :method: GET | :authority: a | :path: / END"),
        accepted(
            "upgrade nominated",
            get("Connection: Upgrade\r\nUpgrade: websocket\r\n"),
            "head :method: GET | :authority: a | :path: / | upgrade: websocket END"),
        accepted(
            "HTTP/2 offered by Java's client",
            get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEA\r\n"),
            "head :method: GET | :authority: a | :path: / END"),
        accepted(
            "upgrade not nominated",
            get("Upgrade: websocket\r\n"),
            "head :method: GET | :authority: a | :path: / END"),
        accepted(
            "expect",
            post("Expect: 100-continue\r\nContent-Length: 1\r\n", "a"),
            "head :method: POST | :authority: a | :path: / | expect: 100-continue | content-length: 1\ndata a\nEND"),
        accepted(
            "as many fields as permitted",
            get("X: 1\r\n".repeat(99)),
            "head :method: GET | :authority: a | :path: /" + " | x: 1".repeat(99) + " END"));
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void refusesForTheRightReason(Case hostile) {
    assertThat(ParserRun.requests().whole(hostile.raw()))
        .endsWith("violation " + hostile.outcome());
  }

  @ParameterizedTest
  @MethodSource("honest")
  void understands(Case honest) {
    assertThat(ParserRun.requests().whole(honest.raw())).isEqualTo(honest.outcome());
  }

  @Test
  void namesThatAreKnownAreSharedConstants() {
    Http1RequestParser parser = new Http1RequestParser(Http1Limits.DEFAULT);
    ByteBuf in = ServerFixture.bytes(get("User-AGENT: x\r\n"));
    assertThat(parser.advance(in)).isEqualTo(Http1Event.HEAD);
    assertThat((Object) parser.takeHead().name(3)).isSameAs(HeaderNames.USER_AGENT);
    in.release();
  }

  @Test
  void leavesTheNextRequestUntouchedUntilAskedForIt() {
    Http1RequestParser parser = new Http1RequestParser(Http1Limits.DEFAULT);
    String next = get("X: 2\r\n");
    ByteBuf in = ServerFixture.bytes(post("Content-Length: 3\r\n", "abc") + next);
    assertThat(parser.advance(in)).isEqualTo(Http1Event.HEAD);
    assertThat(parser.advance(in)).isEqualTo(Http1Event.DATA);
    parser.takeData().release();
    assertThat(parser.ended()).isTrue();
    assertThat(parser.advance(in)).isEqualTo(Http1Event.NEED_MORE);
    assertThat(in.readableBytes()).isEqualTo(next.length());
    parser.next();
    assertThat(parser.advance(in)).isEqualTo(Http1Event.HEAD);
    in.release();
  }

  @Test
  void bodyBytesAreSlicesOfTheInputAndNotCopies() {
    Http1RequestParser parser = new Http1RequestParser(Http1Limits.DEFAULT);
    ByteBuf in = Unpooled.directBuffer().writeBytes(ServerFixture.bytes(chunked("3\r\nabc\r\n")));
    assertThat(parser.advance(in)).isEqualTo(Http1Event.HEAD);
    assertThat(parser.advance(in)).isEqualTo(Http1Event.DATA);
    ByteBuf data = parser.takeData();
    assertThat(data.memoryAddress())
        .isBetween(in.memoryAddress(), in.memoryAddress() + in.capacity());
    data.release();
    in.release();
    assertThat(data.refCnt()).isZero();
  }
}
