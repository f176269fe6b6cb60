package io.kumarun.proxy.http.h2;

import static io.kumarun.proxy.http.h2.CodecPair.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.proxy.http.HeaderNames;
import io.kumarun.proxy.http.StreamError;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** RFC 9113 §8 as a peer meets it. */
class Http2HeadRulesTest {
  private static final String[] GET = {
    ":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/"
  };

  private static String[] get(String... more) {
    return concat(GET, more);
  }

  private static String[] concat(String[] first, String... more) {
    List<String> all = new ArrayList<>(List.of(first));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static String[] pseudo(String... fields) {
    return fields;
  }

  static Stream<List<String>> malformedRequests() {
    List<String[]> all =
        List.of(
            get("X-Upper", "1"),
            get("sp ace", "1"),
            get("", "1"),
            get("na:me", "1"),
            get("nül", "1"),
            get("x", "a\rb"),
            get("x", "a\nb"),
            get("x", "a\0b"),
            get("x", "0123456789abcdef\u0001"),
            get("x", "a\u007fb"),
            get("x", " a"),
            get("x", "a\t"),
            get("connection", "close"),
            get("keep-alive", "1"),
            get("proxy-connection", "close"),
            get("transfer-encoding", "chunked"),
            get("upgrade", "h2c"),
            get("te", "gzip"),
            get("te", "trailers, gzip"),
            get(":path", "/late"),
            get("x", "1", ":method", "GET"),
            get("host", "b"),
            get("host", "a", "host", "a"),
            get("content-length", "-1"),
            get("content-length", "1x"),
            get("content-length", ""),
            get("content-length", "1234567890123456789"),
            get("content-length", "0", "content-length", "0"),
            pseudo(),
            pseudo(":method", "GET", ":scheme", "http", ":authority", "a"),
            pseudo(":method", "GET", ":authority", "a", ":path", "/"),
            pseudo(":scheme", "http", ":authority", "a", ":path", "/"),
            pseudo(":method", "G T", ":scheme", "http", ":authority", "a", ":path", "/"),
            pseudo(":method", "GET", ":scheme", "h ttp", ":authority", "a", ":path", "/"),
            pseudo(":method", "GET", ":scheme", "http", ":authority", "", ":path", "/"),
            pseudo(":method", "GET", ":scheme", "http", ":authority", "u@a", ":path", "/"),
            pseudo(":method", "GET", ":scheme", "http", ":authority", "a/b", ":path", "/"),
            pseudo(":method", "GET", ":scheme", "http", ":authority", "a", ":path", ""),
            pseudo(":method", "GET", ":scheme", "http", ":authority", "a", ":path", "x"),
            pseudo(":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/a b"),
            pseudo(":method", "GET", ":method", "GET", ":scheme", "http", ":path", "/"),
            pseudo(":method", "GET", ":scheme", "http", ":path", "/", ":status", "200"),
            pseudo(":method", "GET", ":scheme", "http", ":path", "/", ":unknown", "1"),
            pseudo(":method", "GET", ":scheme", "http", ":path", "/", ":", "1"),
            pseudo(
                ":method",
                "CONNECT",
                ":protocol",
                "websocket",
                ":scheme",
                "http",
                ":authority",
                "a",
                ":path",
                "/"),
            pseudo(":method", "CONNECT", ":authority", "a", ":path", "/"),
            pseudo(":method", "CONNECT", ":authority", "a", ":scheme", "http"),
            pseudo(":method", "CONNECT"));
    return all.stream().map(List::of);
  }

  @ParameterizedTest
  @MethodSource("malformedRequests")
  void aMalformedRequestIsResetAndTheConnectionGoesOn(List<String> fields) {
    CodecPair pair = new CodecPair();
    try (RawPeer peer = new RawPeer(pair.server, true)) {
      peer.headers(1, true, fields.toArray(String[]::new));
      assertThat(peer.received).contains("RST_STREAM 1 PROTOCOL_ERROR");
      assertThat(pair.accepted).isEmpty();
      assertThat(pair.violations).hasSize(1).first().asString().startsWith("0 http2.");

      // the dynamic table is still in step, and a body of a refused request is ignored
      peer.headers(3, false, fields.toArray(String[]::new));
      peer.data(3, true, 10);
      peer.headers(5, true, GET);
      assertThat(pair.accepted).hasSize(1);
      assertThat(peer.received).noneMatch(frame -> frame.startsWith("GOAWAY"));
      assertThat(peer.received).filteredOn(f -> f.startsWith("RST_STREAM 3")).hasSize(1);
    }
    pair.close();
  }

  static Stream<List<String>> goodRequests() {
    List<String[]> all =
        List.of(
            get(),
            get("te", "trailers"),
            get("host", "A"),
            get("content-length", "0"),
            get("x", ""),
            get("x", "a\tb"),
            get("x", "Ünïcode"),
            get("x_y.z", "1"),
            pseudo(
                ":path", "*", ":authority", "[::1]:80", ":scheme", "https", ":method", "OPTIONS"),
            pseudo(":method", "GET", ":scheme", "http", ":path", "/", "host", "b:80"),
            pseudo(":method", "GET", ":scheme", "http", ":path", "/"),
            pseudo(":method", "CONNECT", ":authority", "a:443"));
    return all.stream().map(List::of);
  }

  @ParameterizedTest
  @MethodSource("goodRequests")
  void aWellFormedRequestIsTaken(List<String> fields) {
    CodecPair pair = new CodecPair();
    try (RawPeer peer = new RawPeer(pair.server, true)) {
      peer.headers(1, true, fields.toArray(String[]::new));
      assertThat(pair.accepted).hasSize(1);
      assertThat(pair.violations).isEmpty();
      assertThat(peer.received).noneMatch(frame -> frame.startsWith("RST_STREAM"));
    }
    pair.close();
  }

  static Stream<List<String>> malformedTrailers() {
    return Stream.of(
        List.of(":status", "200"),
        List.of(":path", "/"),
        List.of("connection", "close"),
        List.of("X", "1"),
        List.of("content-length", "0"),
        List.of("x", "a\nb"));
  }

  @ParameterizedTest
  @MethodSource("malformedTrailers")
  void malformedTrailersResetTheRequest(List<String> trailers) {
    CodecPair pair = new CodecPair();
    try (RawPeer peer = new RawPeer(pair.server, true)) {
      peer.headers(1, false, GET);
      peer.data(1, false, 5);
      peer.headers(1, true, trailers.toArray(String[]::new));
      assertThat(peer.received).contains("RST_STREAM 1 PROTOCOL_ERROR");
      assertThat(pair.accepted(0).resets).containsExactly(StreamError.PROTOCOL_ERROR);
      assertThat(pair.accepted(0).ends).isZero();
      assertThat(pair.violations).hasSize(1);
    }
    pair.close();
  }

  @Test
  void trailersThatDoNotEndTheStreamResetIt() {
    CodecPair pair = new CodecPair();
    try (RawPeer peer = new RawPeer(pair.server, true)) {
      peer.headers(1, false, GET);
      peer.headers(1, false, "x", "1");
      assertThat(peer.received).contains("RST_STREAM 1 PROTOCOL_ERROR");
      assertThat(pair.accepted(0).resets).containsExactly(StreamError.PROTOCOL_ERROR);
      assertThat(pair.violations).hasSize(1);
    }
    pair.close();
  }

  @Test
  void aBodyThatContradictsContentLengthResetsTheRequest() {
    CodecPair pair = new CodecPair();
    try (RawPeer peer = new RawPeer(pair.server, true)) {
      peer.headers(1, false, get("content-length", "5"));
      peer.data(1, false, 6);
      peer.headers(3, false, get("content-length", "5"));
      peer.data(3, true, 4);
      peer.headers(5, false, get("content-length", "5"));
      peer.headers(5, true, "x", "1");
      peer.headers(7, false, get("content-length", "5"));
      peer.data(7, true, 5);
      peer.headers(9, true, get("content-length", "5"));
      for (int i = 0; i < 3; i++) {
        assertThat(pair.accepted(i).resets).containsExactly(StreamError.PROTOCOL_ERROR);
        assertThat(peer.received).contains("RST_STREAM " + (2 * i + 1) + " PROTOCOL_ERROR");
      }
      assertThat(pair.accepted(3).ends).isEqualTo(1);
      assertThat(pair.accepted(3).resets).isEmpty();
      assertThat(pair.accepted).hasSize(4);
      assertThat(peer.received).contains("RST_STREAM 9 PROTOCOL_ERROR");
    }
    pair.close();
  }

  static Stream<List<String>> malformedResponses() {
    List<String[]> all =
        List.of(
            pseudo(),
            pseudo("x", "1"),
            pseudo(":status", "20"),
            pseudo(":status", "2000"),
            pseudo(":status", "abc"),
            pseudo(":status", "099"),
            pseudo(":status", "101"),
            pseudo(":status", "100"),
            pseudo(":status", "200", ":status", "200"),
            pseudo(":status", "200", ":path", "/"),
            pseudo("x", "1", ":status", "200"),
            pseudo(":status", "200", "connection", "close"),
            pseudo(":status", "200", "transfer-encoding", "chunked"),
            pseudo(":status", "200", "X", "1"),
            pseudo(":status", "200", "x", "a\nb"),
            pseudo(":status", "200", "content-length", "3"),
            pseudo(":status", "200", "content-length", "x"));
    return all.stream().map(List::of);
  }

  @ParameterizedTest
  @MethodSource("malformedResponses")
  void aMalformedResponseResetsItsStreamOnly(List<String> fields) {
    CodecPair pair = new CodecPair();
    try (RawPeer peer = new RawPeer(pair.client, false)) {
      Recorder bad = pair.get("/");
      Recorder good = pair.get("/");
      peer.read();
      peer.headers(3, true, fields.toArray(String[]::new));
      peer.headers(5, true, ":status", "200");
      assertThat(bad.resets).containsExactly(StreamError.PROTOCOL_ERROR);
      assertThat(bad.head).isNull();
      assertThat(good.head().status()).isEqualTo(200);
      assertThat(peer.received).contains("RST_STREAM 3 PROTOCOL_ERROR");
    }
    pair.close();
  }

  @Test
  void aHeadThatIsTooLargeIsAnsweredWith431() {
    CodecPair pair = new CodecPair();
    try (RawPeer peer = new RawPeer(pair.server, true)) {
      String[] large = get("x", "v".repeat(16_000), "y", "v".repeat(16_000));
      ByteBuf block = peer.block(concat(large, "z", "v".repeat(16_000), "zz", "v".repeat(16_000)));
      peer.frame(RawPeer.HEADERS, RawPeer.END_STREAM, 1, block.readRetainedSlice(16_000));
      while (block.readableBytes() > 16_000) {
        peer.frame(RawPeer.CONTINUATION, 0, 1, block.readRetainedSlice(16_000));
      }
      peer.frame(RawPeer.CONTINUATION, RawPeer.END_HEADERS, 1, block);
      assertThat(peer.received).contains("HEADERS 1 431");
      assertThat(pair.violations).containsExactly("431 http2.headers_too_large");
      peer.headers(3, true, GET);
      assertThat(pair.accepted).hasSize(1);
    }
    pair.close();
  }

  @Test
  void tooManyFieldsAreRefused() {
    CodecPair pair = new CodecPair();
    try (RawPeer peer = new RawPeer(pair.server, true)) {
      String[] fields = GET;
      for (int i = 0; i < 100; i++) {
        fields = concat(fields, "x", "1");
      }
      peer.headers(1, true, fields);
      assertThat(pair.violations).containsExactly("0 http2.too_many_headers");
    }
    pair.close();
  }

  @Test
  void valuesAreCheckedAsIfByteByByte() {
    Random random = new Random(9113);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[1 + random.nextInt(40)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] =
            (byte) (random.nextInt(30) == 0 ? random.nextInt(256) : 0x20 + random.nextInt(95));
      }
      int offset = random.nextInt(bytes.length);
      AsciiString value = new AsciiString(bytes, offset, bytes.length - offset, false);
      boolean expected = true;
      for (int i = 0; i < value.length(); i++) {
        int b = value.byteAt(i) & 0xff;
        boolean edge = i == 0 || i == value.length() - 1;
        expected &= (b >= 0x20 || b == '\t') && b != 0x7f && !(edge && (b == ' ' || b == '\t'));
      }
      assertThat(FieldSyntax.isValue(value)).as("%s", value).isEqualTo(expected);
    }
  }

  @Test
  void aResponseWithoutContentMayEndWithoutTheBytesItNames() {
    CodecPair pair = new CodecPair();
    Recorder notModified = pair.get("/");
    pair.pump();
    pair.accepted(0).stream()
        .writeHeaders(response(304).add(HeaderNames.CONTENT_LENGTH, "7"), true);
    pair.pump();
    assertThat(notModified.head().status()).isEqualTo(304);
    assertThat(notModified.resets).isEmpty();
    pair.close();
  }
}
