package io.kumarun.proxy.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.function.Supplier;

/** Feeds bytes to a parser in pieces and writes down what it found, message after message. */
final class ParserRun {
  static final Http1Limits WITH_HTTP_1_0 =
      new Http1Limits(60 * 1024, 100, 60 * 1024, 256 * 1024, true);

  private final Supplier<Http1MessageParser> parsers;

  private ParserRun(Supplier<Http1MessageParser> parsers) {
    this.parsers = parsers;
  }

  static ParserRun requests() {
    return new ParserRun(() -> new Http1RequestParser(WITH_HTTP_1_0));
  }

  static ParserRun responsesTo(String method, boolean upgrade) {
    return new ParserRun(
        () -> {
          Http1ResponseParser parser = new Http1ResponseParser(Http1Limits.DEFAULT);
          parser.expect(AsciiString.of(method), upgrade);
          return parser;
        });
  }

  String whole(String raw) {
    return split(raw, new int[0]);
  }

  String inPieces(String raw, Random random) {
    int[] cuts = random.ints(1 + random.nextInt(8), 0, raw.length() + 1).sorted().toArray();
    return split(raw, cuts);
  }

  String byteByByte(String raw) {
    int[] cuts = new int[raw.length()];
    for (int i = 0; i < cuts.length; i++) {
      cuts[i] = i;
    }
    return split(raw, cuts);
  }

  /**
   * @param cuts ascending positions at which a piece ends
   */
  String split(String raw, int[] cuts) {
    byte[] bytes = raw.getBytes(StandardCharsets.ISO_8859_1);
    Http1MessageParser parser = parsers.get();
    Transcript transcript = new Transcript();
    StringBuilder text = new StringBuilder();
    ByteBuf in = Unpooled.buffer();
    int from = 0;
    for (int i = 0; i <= cuts.length; i++) {
      int to = i < cuts.length ? cuts[i] : bytes.length;
      in.writeBytes(bytes, from, to - from);
      from = to;
      transcript = run(parser, in, transcript, text);
    }
    assertThat(in.refCnt()).as("slices that are left").isEqualTo(1);
    in.release();
    return (text + transcript.text()).strip();
  }

  private static Transcript run(
      Http1MessageParser parser, ByteBuf in, Transcript begun, StringBuilder text) {
    Transcript transcript = begun;
    while (true) {
      switch (parser.advance(in)) {
        case NEED_MORE -> {
          return transcript;
        }
        case HEAD -> {
          if (parser instanceof Http1ResponseParser responses && responses.informational()) {
            transcript.onInformational(parser.takeHead());
            parser.next();
            continue;
          }
          transcript.onHeaders(parser.takeHead(), parser.ended());
        }
        case DATA -> transcript.onData(parser.takeData(), parser.ended());
        case TRAILERS -> transcript.onTrailers(parser.takeTrailers());
        case VIOLATION -> transcript.event("violation " + parser.violation());
      }
      if (parser.ended() && parser instanceof Http1RequestParser) {
        text.append(transcript.text()).append('\n');
        transcript = new Transcript();
        parser.next();
      }
    }
  }
}
