package io.kumarun.proxy.http.h2;

import static io.kumarun.proxy.http.h2.CodecPair.bytes;
import static io.kumarun.proxy.http.h2.CodecPair.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.StreamError;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Http2FlowControlTest {
  private static final int STREAM_WINDOW = 64 << 10;
  private static final int CONNECTION_WINDOW = 256 << 10;

  private final CodecPair pair =
      new CodecPair(Http2Limits.DEFAULT.withWindows(STREAM_WINDOW, CONNECTION_WINDOW));

  @AfterEach
  void close() {
    pair.close();
  }

  private Recorder upload() {
    Recorder response = pair.post("/upload");
    pair.pump();
    return response;
  }

  /** Writes until the stream takes no more. */
  private static int fill(Recorder sender) {
    int sent = 0;
    while (sender.stream().isWritable()) {
      sender.stream().writeData(bytes(8192), false);
      sent += 8192;
    }
    return sent;
  }

  @Test
  void aReaderThatPausesStopsTheWriterAndBoundsWhatIsHeld() {
    Recorder response = upload();
    Recorder request = pair.accepted(0);
    request.stream().pauseReading();
    long sent = 0;
    for (int i = 0; i < 100; i++) {
      sent += fill(response);
      pair.pump();
    }
    assertThat(request.bodyBytes).isZero();
    assertThat(response.stream().isWritable()).isFalse();
    assertThat(sent).isLessThanOrEqualTo(2 * STREAM_WINDOW + 8192);
    assertThat(response.writabilityChanges).isPositive();

    request.stream().resumeReading();
    pair.pump();
    assertThat(request.bodyBytes).isEqualTo(sent);
    assertThat(response.stream().isWritable()).isTrue();
    assertThat(windowOfServer()).isGreaterThan(CONNECTION_WINDOW / 2);
  }

  @Test
  void tenMebibytesPassASlowReaderWithinItsWindow() {
    final int total = 10 << 20;
    Recorder response = upload();
    Recorder request = pair.accepted(0);
    request.keepBody = false;
    int sent = 0;
    long held = 0;
    while (request.bodyBytes < total) {
      while (sent < total && response.stream().isWritable()) {
        int chunk = Math.min(16_384, total - sent);
        sent += chunk;
        response.stream().writeData(bytes(chunk), sent == total);
      }
      request.stream().pauseReading();
      pair.pump();
      held = Math.max(held, sent - request.bodyBytes);
      request.stream().resumeReading();
      pair.pump();
    }
    assertThat(request.ends).isEqualTo(1);
    assertThat(request.bodyBytes).isEqualTo(total);
    assertThat(held).isLessThanOrEqualTo(2 * STREAM_WINDOW + 16_384);
  }

  @Test
  void pausedStreamsDoNotStallOthers() {
    Recorder[] paused = new Recorder[3];
    for (int i = 0; i < paused.length; i++) {
      paused[i] = upload();
      pair.accepted(i).stream().pauseReading();
      fill(paused[i]);
      pair.pump();
      fill(paused[i]);
      pair.pump();
    }
    Recorder other = upload();
    Recorder otherRequest = pair.accepted(3);
    otherRequest.keepBody = false;
    int sent = 0;
    for (int i = 0; i < 50; i++) {
      sent += fill(other);
      pair.pump();
    }
    assertThat(sent).isGreaterThan(1 << 20);
    assertThat(otherRequest.bodyBytes).isEqualTo(sent);
    assertThat(pair.accepted(0).bodyBytes).isZero();
  }

  @Test
  void aPausedStreamThatIsResetGivesTheConnectionWindowBack() {
    for (int i = 0; i < 40; i++) {
      Recorder response = upload();
      Recorder request = pair.accepted(i);
      request.stream().pauseReading();
      fill(response);
      pair.pump();
      if (i % 2 == 0) {
        response.stream().reset(StreamError.LOCAL_RESET);
      } else {
        request.stream().reset(StreamError.LOCAL_RESET);
      }
      pair.pump();
      assertThat(request.bodyBytes).isZero();
    }
    assertThat(pair.serverConnection.activeStreams()).isZero();
    assertThat(windowOfServer()).isGreaterThan(CONNECTION_WINDOW / 2);
    assertThat(unconsumedOfServer()).isZero();
  }

  @Test
  void aPausedStreamThatEndsKeepsItsBytesForTheReaderAndNoWindow() {
    for (int i = 0; i < 40; i++) {
      Recorder response = upload();
      Recorder request = pair.accepted(i);
      request.stream().pauseReading();
      response.stream().writeData(bytes("a".repeat(40_000)), false);
      if (i % 2 == 0) {
        response.stream().writeData(bytes("b".repeat(100)), true);
      } else {
        response.stream().writeTrailers(new HeaderMap().add(AsciiString.of("x"), "y"));
      }
      pair.pump();
      request.stream().writeHeaders(response(200), true);
      pair.pump();
      assertThat(response.ends).isEqualTo(1);
      assertThat(request.ends).isZero();
      request.stream().resumeReading();
      pair.pump();
      assertThat(request.ends).isEqualTo(1);
      assertThat(request.bodyBytes).isEqualTo(i % 2 == 0 ? 40_100 : 40_000);
      assertThat(request.resets).isEmpty();
    }
    assertThat(unconsumedOfServer()).isZero();
  }

  @Test
  void aCompleteResponseIsDeliveredThoughTheConnectionIsLost() {
    Recorder response = pair.get("/");
    pair.pump();
    response.stream().pauseReading();
    Recorder request = pair.accepted(0);
    request.stream().writeHeaders(response(200), false);
    request.stream().writeData(bytes("whole"), true);
    pair.pump();
    pair.server.close();
    pair.client.close();
    pair.pump();
    assertThat(response.ends).isZero();
    response.stream().resumeReading();
    pair.pump();
    assertThat(response.body).hasToString("whole");
    assertThat(response.ends).isEqualTo(1);
    assertThat(response.resets).isEmpty();
  }

  @Test
  void anIncompleteResponseIsCutOffWithTheConnection() {
    Recorder response = pair.get("/");
    pair.pump();
    response.stream().pauseReading();
    Recorder request = pair.accepted(0);
    request.stream().writeHeaders(response(200), false);
    request.stream().writeData(bytes("half"), false);
    pair.pump();
    pair.client.close();
    pair.pump();
    assertThat(response.resets).containsExactly(StreamError.CONNECTION_TERMINATION);
    response.stream().resumeReading();
    pair.pump();
    assertThat(response.dataEvents).isZero();
  }

  @Test
  void pausingTwiceNeedsOneResume() {
    Recorder response = upload();
    Recorder request = pair.accepted(0);
    request.stream().pauseReading();
    request.stream().pauseReading();
    response.stream().writeData(bytes("x"), false);
    pair.pump();
    assertThat(request.body).isEmpty();
    request.stream().resumeReading();
    pair.pump();
    assertThat(request.body).hasToString("x");
  }

  @Test
  void framesOfOneByteAreHeldTogether() {
    Recorder response = upload();
    Recorder request = pair.accepted(0);
    request.stream().pauseReading();
    for (int i = 0; i < 1000; i++) {
      response.stream().writeData(bytes("" + i % 10), false);
      pair.pumpToServer();
    }
    request.stream().resumeReading();
    pair.pump();
    assertThat(request.body).hasSize(1000).startsWith("0123456789012");
    assertThat(request.dataEvents).isLessThan(3);
  }

  @Test
  void aHandlerMayPauseFromWithinADelivery() {
    pair.newHandler =
        () ->
            new Recorder() {
              @Override
              public void onData(ByteBuf data, boolean endStream) {
                super.onData(data, endStream);
                stream().pauseReading();
              }
            };
    Recorder response = upload();
    Recorder request = pair.accepted(0);
    for (int i = 0; i < 5; i++) {
      response.stream().writeData(bytes(5000), i == 4);
      pair.pump();
    }
    assertThat(request.dataEvents).isEqualTo(1);
    for (int i = 2; i <= 5; i++) {
      request.stream().resumeReading();
      pair.pump();
      assertThat(request.dataEvents).isEqualTo(i);
    }
    assertThat(request.ends).isEqualTo(1);
  }

  private int windowOfServer() {
    return pair.serverConnection
        .decoder()
        .flowController()
        .windowSize(pair.serverConnection.connection().connectionStream());
  }

  private int unconsumedOfServer() {
    return pair.serverConnection
        .decoder()
        .flowController()
        .unconsumedBytes(pair.serverConnection.connection().connectionStream());
  }

  @Test
  void aResetAfterBothEndsCutsOffOnlyWhatThePeerDoesNotTake() {
    Recorder taken = pair.get("/taken");
    Recorder stuck = pair.get("/stuck");
    pair.pump();
    pair.accepted(0).stream().writeHeaders(response(200), true);
    pair.accepted(0).stream().reset(StreamError.LOCAL_RESET);
    stuck.stream().pauseReading();
    pair.accepted(1).stream().writeHeaders(response(200), false);
    pair.accepted(1).stream().writeData(bytes(4 * STREAM_WINDOW), true);
    pair.pump();
    pair.accepted(1).stream().reset(StreamError.LOCAL_RESET);
    pair.pump();
    assertThat(taken.ends).isEqualTo(1);
    assertThat(taken.resets).isEmpty();
    assertThat(stuck.resets).containsExactly(StreamError.REMOTE_RESET);
    assertThat(pair.serverConnection.activeStreams()).isZero();
  }
}
