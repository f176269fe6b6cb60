package io.kumarun.proxy.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.proxy.http.HttpStream;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Mutated messages in random pieces: no exception escapes, no buffer is left, and every stream's
 * events are in order (the {@link Transcript} fails otherwise).
 */
class Http1FuzzTest {
  private static final int ROUNDS = 8_000;
  private static final String[] SPICE = {
    "\r\n",
    "\n",
    "\r",
    " ",
    "\t",
    "\0",
    ":",
    ",",
    ";",
    "0",
    "-1",
    "chunked",
    "0\r\n\r\n",
    "Content-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Host: a\r\n",
    "\u00ff",
    "HTTP/1.0",
    "Connection: close\r\n",
    "Connection: upgrade\r\nUpgrade: x\r\n",
    "100",
    "101",
    "204",
    "HEAD",
    "CONNECT a:1"
  };

  @Test
  void serversSurviveAnyBytes() {
    List<String> seeds =
        Stream.concat(Http1RequestParserTest.hostile(), Http1RequestParserTest.honest())
            .map(Http1RequestParserTest.Case::raw)
            .filter(raw -> raw.length() < 600)
            .toList();
    Random random = new Random(42);
    for (int i = 0; i < ROUNDS; i++) {
      String raw = mutated(seeds, random);
      ServerFixture server = new ServerFixture();
      server.answering = random.nextBoolean();
      List<ByteBuf> fed = new ArrayList<>();
      for (String piece : pieces(raw, random)) {
        if (!server.channel.isOpen()) {
          break;
        }
        ByteBuf bytes = ServerFixture.bytes(piece);
        fed.add(bytes);
        server.channel.writeInbound(bytes);
        if (!server.answering && !server.streams.isEmpty() && random.nextInt(3) == 0) {
          respond(server, random);
        }
      }
      server.sent();
      // an exception of the codec or a failed order in a transcript ends here
      assertThat(server.connection.isBroken()).as(raw).isFalse();
      server.finish();
      assertReleased(fed, raw);
      for (Transcript transcript : server.transcripts) {
        assertThat(transcript.events).as(raw).isNotEmpty();
      }
    }
  }

  private static void respond(ServerFixture server, Random random) {
    HttpStream stream = server.stream();
    int status = new int[] {100, 101, 200, 204, 304, 400}[random.nextInt(6)];
    if (status == 101 || server.events().contains("CONNECT")) {
      server.transcripts.getLast().switchToTunnel();
    }
    String[] fields = random.nextBoolean() ? new String[] {"content-length", "3"} : new String[0];
    stream.writeHeaders(ServerFixture.response(status, fields), random.nextInt(4) == 0);
    stream.writeData(ServerFixture.bytes("abc".substring(random.nextInt(3))), random.nextBoolean());
    if (random.nextInt(8) == 0) {
      ServerFixture.reset(stream);
    }
  }

  @Test
  void clientsSurviveAnyBytes() {
    List<String> seeds =
        Stream.concat(Http1ResponseParserTest.hostile(), Http1ResponseParserTest.honest())
            .map(Http1ResponseParserTest.Case::raw)
            .toList();
    Random random = new Random(43);
    for (int i = 0; i < ROUNDS; i++) {
      String raw = mutated(seeds, random);
      ClientFixture client = new ClientFixture();
      List<ByteBuf> fed = new ArrayList<>();
      String method = new String[] {"GET", "HEAD", "POST", "CONNECT"}[random.nextInt(4)];
      String[] fields = random.nextBoolean() ? new String[] {"upgrade", "x"} : new String[0];
      HttpStream stream = client.request(method, random.nextBoolean(), fields);
      for (String piece : pieces(raw, random)) {
        if (!client.channel.isOpen()) {
          break;
        }
        ByteBuf bytes = ServerFixture.bytes(piece);
        fed.add(bytes);
        client.channel.writeInbound(bytes);
        if (random.nextInt(4) == 0) {
          stream.writeData(ServerFixture.bytes("abc"), random.nextBoolean());
        } else if (random.nextInt(20) == 0) {
          ServerFixture.reset(stream);
        }
        if (client.connection.availableStreams() > 0) {
          stream = client.request("GET", true);
        }
      }
      client.sent();
      assertThat(client.connection.isBroken()).as(raw).isFalse();
      client.finish();
      assertReleased(fed, raw);
      assertThat(client.pool).as(raw).containsOnlyOnce("closed").endsWith("closed");
      assertThat(client.connection.activeStreams()).isZero();
    }
  }

  private static void assertReleased(List<ByteBuf> fed, String raw) {
    for (ByteBuf bytes : fed) {
      assertThat(bytes.refCnt()).as(raw).isZero();
    }
  }

  private static String mutated(List<String> seeds, Random random) {
    StringBuilder raw = new StringBuilder();
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      raw.append(seeds.get(random.nextInt(seeds.size())));
    }
    for (int n = random.nextInt(4); n > 0; n--) {
      int at = random.nextInt(raw.length());
      switch (random.nextInt(4)) {
        case 0 -> raw.deleteCharAt(at).append(' ');
        case 1 -> raw.insert(at, SPICE[random.nextInt(SPICE.length)]);
        case 2 -> raw.setCharAt(at, (char) random.nextInt(256));
        default -> {
          int end = Math.min(raw.length(), at + random.nextInt(20));
          raw.insert(at, raw.substring(at, end));
        }
      }
    }
    return raw.toString();
  }

  private static List<String> pieces(String raw, Random random) {
    byte[] bytes = raw.getBytes(StandardCharsets.ISO_8859_1);
    List<String> pieces = new ArrayList<>();
    int from = 0;
    while (from < bytes.length) {
      int to = Math.min(bytes.length, from + 1 + random.nextInt(1 + random.nextInt(80)));
      pieces.add(raw.substring(from, to));
      from = to;
    }
    return pieces;
  }
}
