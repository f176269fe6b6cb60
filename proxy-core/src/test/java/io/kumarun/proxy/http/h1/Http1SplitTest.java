package io.kumarun.proxy.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** However the network cuts the bytes, the events are the same. */
class Http1SplitTest {
  private static final int LONGEST_FOR_EVERY_SPLIT = 600;

  @Test
  void everySplitOfEveryRequestGivesTheSameEvents() {
    List<String> raws =
        Stream.concat(Http1RequestParserTest.hostile(), Http1RequestParserTest.honest())
            .map(Http1RequestParserTest.Case::raw)
            .toList();
    for (String raw : raws) {
      check(ParserRun.requests(), raw);
    }
  }

  @Test
  void everySplitOfEveryResponseGivesTheSameEvents() {
    Stream.concat(Http1ResponseParserTest.hostile(), Http1ResponseParserTest.honest())
        .forEach(c -> check(ParserRun.responsesTo(c.method(), c.upgrade()), c.raw()));
  }

  @Test
  void pipelinedRequestsInRandomPiecesGiveTheSameEvents() {
    Random random = new Random(1);
    List<String> raws =
        Http1RequestParserTest.honest()
            .map(Http1RequestParserTest.Case::raw)
            .filter(raw -> !raw.startsWith("CONNECT"))
            .toList();
    for (int i = 0; i < 300; i++) {
      StringBuilder stream = new StringBuilder();
      for (int n = 1 + random.nextInt(5); n > 0; n--) {
        stream.append(raws.get(random.nextInt(raws.size())));
      }
      String whole = ParserRun.requests().whole(stream.toString());
      assertThat(ParserRun.requests().inPieces(stream.toString(), random)).isEqualTo(whole);
    }
  }

  private static void check(ParserRun run, String raw) {
    String whole = run.whole(raw);
    if (raw.length() > LONGEST_FOR_EVERY_SPLIT) {
      Random random = new Random(raw.length());
      for (int i = 0; i < 20; i++) {
        assertThat(run.inPieces(raw, random)).isEqualTo(whole);
      }
      return;
    }
    assertThat(run.byteByByte(raw)).isEqualTo(whole);
    for (int cut = 0; cut <= raw.length(); cut++) {
      assertThat(run.split(raw, new int[] {cut})).as("cut at %d: %s", cut, raw).isEqualTo(whole);
    }
    Random random = new Random(raw.hashCode());
    for (int i = 0; i < 50; i++) {
      assertThat(run.inPieces(raw, random)).as(raw).isEqualTo(whole);
    }
  }
}
