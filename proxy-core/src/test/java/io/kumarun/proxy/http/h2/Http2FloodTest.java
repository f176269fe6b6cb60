package io.kumarun.proxy.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.proxy.http.HttpStreamAcceptor;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

/** A peer may cost a bounded amount, whatever frames it sends. */
class Http2FloodTest {
  private static final String[] GET = {
    ":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/"
  };

  private static final Http2Limits SMALL =
      new Http2Limits(100, 65_535, 65_535, 60 << 10, 100, 16_384, 20, 10, 16, 16, 50);

  private static EmbeddedChannel server() {
    HttpStreamAcceptor acceptor =
        stream -> {
          Recorder recorder = new Recorder();
          recorder.stream = stream;
          return recorder;
        };
    return new EmbeddedChannel(Http2ServerConnection.create(acceptor, SMALL));
  }

  /** A peer that does not read: nothing written reaches it. */
  private static EmbeddedChannel serverOfDeafPeer() {
    EmbeddedChannel channel = server();
    channel.runPendingTasks();
    channel
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void flush(ChannelHandlerContext ctx) {}
            });
    return channel;
  }

  private static void assertCalmed(RawPeer peer) {
    assertThat(peer.isClosed()).isTrue();
    assertThat(peer.received).contains("GOAWAY ENHANCE_YOUR_CALM");
  }

  @Test
  void rapidResetsEndTheConnection() {
    try (RawPeer peer = new RawPeer(server(), true)) {
      for (int i = 0; i < 20; i++) {
        peer.headers(2 * i + 1, true, GET);
        peer.frame(RawPeer.RST_STREAM, 0, 2 * i + 1, Unpooled.copyInt(8));
      }
      assertThat(peer.isClosed()).isFalse();
      peer.headers(41, true, GET);
      peer.frame(RawPeer.RST_STREAM, 0, 41, Unpooled.copyInt(8));
      assertCalmed(peer);
    }
  }

  @Test
  void endlessMalformedHeadsEndTheConnection() {
    try (RawPeer peer = new RawPeer(server(), true)) {
      for (int i = 0; i < 20; i++) {
        peer.headers(2 * i + 1, true, "x", "1");
      }
      assertThat(peer.isClosed()).isFalse();
      peer.headers(41, true, "x", "1");
      assertCalmed(peer);
    }
  }

  @Test
  void emptyDataFramesEndTheConnection() {
    try (RawPeer peer = new RawPeer(server(), true)) {
      peer.headers(1, false, GET);
      for (int i = 0; i < 16; i++) {
        peer.data(1, false, 0);
      }
      assertThat(peer.isClosed()).isFalse();
      peer.data(1, false, 0);
      assertCalmed(peer);
    }
  }

  @Test
  void emptyContinuationsEndTheConnection() {
    try (RawPeer peer = new RawPeer(server(), true)) {
      peer.frame(RawPeer.HEADERS, 0, 1, Unpooled.EMPTY_BUFFER);
      for (int i = 0; i < 17; i++) {
        peer.frame(RawPeer.CONTINUATION, 0, 1, Unpooled.EMPTY_BUFFER);
      }
      assertCalmed(peer);
    }
  }

  @Test
  void pingsOfAPeerThatReadsAreAnswered() {
    try (RawPeer peer = new RawPeer(server(), true)) {
      for (int i = 0; i < 5000; i++) {
        peer.frame(RawPeer.PING, 0, 0, Unpooled.copyLong(i));
      }
      assertThat(peer.isClosed()).isFalse();
      assertThat(peer.received).filteredOn("PING ACK"::equals).hasSize(5000);
    }
  }

  @Test
  void pingsOfAPeerThatDoesNotReadEndTheConnection() {
    EmbeddedChannel channel = serverOfDeafPeer();
    try (RawPeer peer = new RawPeer(channel, true)) {
      int sent = 0;
      while (channel.isActive() && sent < 100_000) {
        peer.frame(RawPeer.PING, 0, 0, Unpooled.copyLong(sent++));
      }
      assertThat(channel.isActive()).isFalse();
      assertThat(sent).isLessThan(2000);
    }
  }

  @Test
  void settingsOfAPeerThatDoesNotReadEndTheConnection() {
    EmbeddedChannel channel = serverOfDeafPeer();
    try (RawPeer peer = new RawPeer(channel, true)) {
      int sent = 0;
      while (channel.isActive() && sent < 100_000) {
        peer.frame(RawPeer.SETTINGS, 0, 0, Unpooled.EMPTY_BUFFER);
        sent++;
      }
      assertThat(channel.isActive()).isFalse();
      assertThat(sent).isLessThan(2000);
    }
  }

  @Test
  void refusalsForAPeerThatDoesNotReadEndTheConnection() {
    EmbeddedChannel channel = serverOfDeafPeer();
    try (RawPeer peer = new RawPeer(channel, true)) {
      int id = 1;
      while (channel.isActive() && id < 200_000) {
        peer.headers(id, false, GET);
        id += 2;
      }
      assertThat(channel.isActive()).isFalse();
      assertThat(id).isLessThan(4000);
    }
  }

  @Test
  void streamsBeyondTheLimitAreRefused() {
    try (RawPeer peer = new RawPeer(server(), true)) {
      for (int i = 0; i <= 100; i++) {
        peer.headers(2 * i + 1, true, GET);
      }
      assertThat(peer.received)
          .filteredOn(frame -> frame.startsWith("RST_STREAM"))
          .containsExactly("RST_STREAM 201 REFUSED_STREAM");
      assertThat(peer.isClosed()).isFalse();
    }
  }

  @Test
  void whatIsNotHttp2ClosesTheConnection() {
    EmbeddedChannel channel = server();
    channel.writeInbound(CodecPair.bytes("GET / HTTP/1.1\r\nhost: a\r\n\r\n"));
    channel.runPendingTasks();
    assertThat(channel.isActive()).isFalse();
    channel.finishAndReleaseAll();
  }
}
