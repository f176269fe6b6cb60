package io.kumarun.proxy.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.proxy.http.StreamError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a client takes the end of a connection, and how a server announces it. */
class Http2GoAwayTest {
  private final CodecPair pair = new CodecPair();

  @AfterEach
  void close() {
    pair.close();
  }

  private static ByteBuf goAway(int lastStream, int error) {
    return Unpooled.buffer().writeInt(lastStream).writeInt(error);
  }

  @Test
  void streamsAboveTheLastOneAreSafeToSendAgainAndOthersGoOn() {
    try (RawPeer peer = new RawPeer(pair.client, false)) {
      Recorder first = pair.get("/first");
      Recorder second = pair.get("/second");
      Recorder unsent = new Recorder();
      unsent.stream = pair.begin(unsent);
      peer.read();
      pair.clientEvents.clear();
      peer.frame(RawPeer.GOAWAY, 0, 0, goAway(3, 0));
      assertThat(pair.clientEvents).containsExactly("draining");
      assertThat(second.resets).containsExactly(StreamError.REMOTE_REFUSED);
      assertThat(first.resets).isEmpty();
      assertThat(pair.clientConnection.availableStreams()).isZero();

      unsent.stream().writeHeaders(CodecPair.request("GET", "/unsent"), true);
      peer.read();
      assertThat(unsent.resets).containsExactly(StreamError.LOCAL_REFUSED);

      peer.headers(3, true, ":status", "200");
      assertThat(first.ends).isEqualTo(1);
      assertThat(peer.isClosed()).isTrue();
      assertThat(pair.clientEvents).containsExactly("draining", "closed");
    }
  }

  @Test
  void aGoAwayInTwoStepsRefusesOnlyAtTheSecond() {
    try (RawPeer peer = new RawPeer(pair.client, false)) {
      Recorder first = pair.get("/first");
      Recorder second = pair.get("/second");
      peer.read();
      peer.frame(RawPeer.GOAWAY, 0, 0, goAway(Integer.MAX_VALUE, 0));
      assertThat(second.resets).isEmpty();
      peer.frame(RawPeer.GOAWAY, 0, 0, goAway(3, 0));
      assertThat(second.resets).containsExactly(StreamError.REMOTE_REFUSED);
      assertThat(first.resets).isEmpty();
      assertThat(pair.clientEvents).filteredOn("draining"::equals).hasSize(1);
    }
  }

  @Test
  void aServerThatBreaksTheProtocolResetsItsStreamsWithThatReason() {
    try (RawPeer peer = new RawPeer(pair.client, false)) {
      Recorder response = pair.get("/");
      peer.read();
      peer.data(0, false, 1);
      assertThat(peer.isClosed()).isTrue();
      assertThat(peer.received).contains("GOAWAY PROTOCOL_ERROR");
      assertThat(response.resets).containsExactly(StreamError.PROTOCOL_ERROR);
      assertThat(pair.clientEvents).endsWith("draining", "closed");
    }
  }

  @Test
  void aPushIsRefusedWithTheConnection() {
    try (RawPeer peer = new RawPeer(pair.client, false)) {
      pair.get("/");
      peer.read();
      // ENABLE_PUSH of 0 holds once it is acknowledged
      peer.frame(RawPeer.SETTINGS, 1, 0, Unpooled.EMPTY_BUFFER);
      ByteBuf push = Unpooled.buffer().writeInt(2);
      ByteBuf block = peer.block(":method", "GET", ":scheme", "http", ":path", "/");
      push.writeBytes(block);
      block.release();
      peer.frame(5, RawPeer.END_HEADERS, 3, push);
      assertThat(peer.isClosed()).isTrue();
      assertThat(peer.received).contains("GOAWAY PROTOCOL_ERROR");
    }
  }

  @Test
  void theLastStreamIdDrainsTheConnection() throws Http2Exception {
    pair.pump();
    pair.clientConnection.connection().local().createStream(Integer.MAX_VALUE - 4, false).close();
    assertThat(pair.clientConnection.availableStreams()).isEqualTo(2);
    pair.get("/1");
    assertThat(pair.clientEvents).doesNotContain("draining");
    Recorder last = pair.get("/2");
    assertThat(pair.clientEvents).contains("draining");
    assertThat(pair.clientConnection.availableStreams()).isZero();
    pair.pump();
    assertThat(pair.accepted).hasSize(2);
    pair.accepted(0).stream().writeHeaders(CodecPair.response(200), true);
    pair.accepted(1).stream().writeHeaders(CodecPair.response(200), true);
    pair.pump();
    assertThat(last.ends).isEqualTo(1);
    assertThat(pair.client.isActive()).isFalse();
  }

  @Test
  void aDrainedServerNamesItsLastStreamThoughThePingIsNotAnswered() {
    try (RawPeer peer = new RawPeer(pair.server, true)) {
      String[] get = {":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/"};
      peer.headers(1, true, get);
      pair.serverConnection.drain();
      peer.read();
      assertThat(peer.received).filteredOn("GOAWAY NO_ERROR"::equals).hasSize(1);
      peer.headers(3, true, get);
      assertThat(pair.accepted).hasSize(2);
      pair.server.advanceTimeBy(5, TimeUnit.SECONDS);
      pair.server.runScheduledPendingTasks();
      peer.read();
      assertThat(peer.received).filteredOn("GOAWAY NO_ERROR"::equals).hasSize(2);
      peer.headers(5, true, get);
      assertThat(pair.accepted).hasSize(2);
      assertThat(peer.received).contains("RST_STREAM 5 REFUSED_STREAM");
      assertThat(peer.isClosed()).isFalse();
    }
  }

  @Test
  void framesInFlightToAStreamThatWasResetAreIgnored() {
    try (RawPeer peer = new RawPeer(pair.server, true)) {
      String[] post = {":method", "POST", ":scheme", "http", ":authority", "a", ":path", "/"};
      peer.headers(1, false, post);
      pair.accepted(0).stream().reset(StreamError.LOCAL_RESET);
      peer.read();
      for (int i = 0; i < 10; i++) {
        peer.data(1, false, 1000);
      }
      peer.headers(1, true, "x", "1");
      assertThat(peer.received)
          .filteredOn(frame -> frame.startsWith("RST_STREAM"))
          .containsExactly("RST_STREAM 1 INTERNAL_ERROR");
      assertThat(pair.violations).isEmpty();
      assertThat(peer.isClosed()).isFalse();
    }
  }

  @Test
  void framesForAStreamThatEndedAreAnsweredOnce() {
    try (RawPeer peer = new RawPeer(pair.server, true)) {
      peer.headers(1, true, ":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/");
      pair.accepted(0).stream().writeHeaders(CodecPair.response(200), true);
      peer.read();
      for (int i = 0; i < 10; i++) {
        peer.data(1, false, 1000);
      }
      assertThat(peer.received)
          .filteredOn(frame -> frame.startsWith("RST_STREAM"))
          .containsExactly("RST_STREAM 1 STREAM_CLOSED");
      assertThat(pair.accepted(0).resets).isEmpty();
      assertThat(peer.isClosed()).isFalse();
    }
  }

  @Test
  void aSecondHeadAfterTheEndIsAFrameForAClosedStream() {
    try (RawPeer peer = new RawPeer(pair.server, true)) {
      String[] get = {":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/"};
      peer.headers(1, true, get);
      peer.headers(1, true, get);
      assertThat(peer.received)
          .filteredOn(frame -> frame.startsWith("RST_STREAM"))
          .containsExactly("RST_STREAM 1 STREAM_CLOSED");
      assertThat(pair.accepted(0).resets).containsExactly(StreamError.PROTOCOL_ERROR);
    }
  }
}
