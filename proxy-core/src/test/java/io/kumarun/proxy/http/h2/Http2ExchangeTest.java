package io.kumarun.proxy.http.h2;

import static io.kumarun.proxy.http.h2.CodecPair.bytes;
import static io.kumarun.proxy.http.h2.CodecPair.request;
import static io.kumarun.proxy.http.h2.CodecPair.response;
import static io.kumarun.proxy.http.h2.CodecPair.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HeaderNames;
import io.kumarun.proxy.http.HttpStream;
import io.kumarun.proxy.http.StreamError;
import io.netty.util.AsciiString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Http2ExchangeTest {
  private final CodecPair pair = new CodecPair();

  @AfterEach
  void close() {
    pair.close();
  }

  @Test
  void aRequestWithoutBodyIsAnswered() {
    Recorder response = pair.get("/hello");
    pair.pump();

    Recorder request = pair.accepted(0);
    assertThat(text(request.head().path())).isEqualTo("/hello");
    assertThat(text(request.head().authority())).isEqualTo("backend.mesh");
    assertThat(text(request.head().get(HeaderNames.USER_AGENT))).isEqualTo("test");
    assertThat(request.ends).isEqualTo(1);
    assertThat(request.stream().version()).isEqualTo(HttpStream.HttpVersion.HTTP_2);

    request.stream().writeHeaders(response(200), false);
    request.stream().writeData(bytes("hi"), true);
    pair.pump();

    assertThat(response.head().status()).isEqualTo(200);
    assertThat(response.body).hasToString("hi");
    assertThat(response.ends).isEqualTo(1);
    assertThat(response.resets).isEmpty();
    assertThat(request.resets).isEmpty();
    assertThat(pair.clientConnection.activeStreams()).isZero();
    assertThat(pair.serverConnection.activeStreams()).isZero();
  }

  @Test
  void bothSidesStreamAtTheSameTime() {
    Recorder response = pair.post("/chat");
    pair.pump();
    Recorder request = pair.accepted(0);
    request.stream().writeHeaders(response(200), false);
    for (int i = 0; i < 10; i++) {
      response.stream().writeData(bytes("ping" + i), false);
      pair.pump();
      assertThat(request.body).endsWith("ping" + i);
      request.stream().writeData(bytes("pong" + i), false);
      pair.pump();
      assertThat(response.body).endsWith("pong" + i);
    }
    response.stream().writeData(bytes(""), true);
    pair.pump();
    assertThat(request.ends).isEqualTo(1);
    request.stream().writeTrailers(new HeaderMap().add(HeaderNames.GRPC_STATUS, "0"));
    pair.pump();
    assertThat(text(response.trailers().get(HeaderNames.GRPC_STATUS))).isEqualTo("0");
    assertThat(response.ends).isEqualTo(1);
    assertThat(pair.clientConnection.activeStreams()).isZero();
  }

  @Test
  void trailersStayBehindDataThatWaitsForTheWindow() {
    pair.newHandler =
        () -> {
          Recorder recorder = new Recorder();
          recorder.keepBody = false;
          return recorder;
        };
    Recorder response = pair.post("/upload");
    response.stream().writeData(bytes(300_000), false);
    response.stream().writeTrailers(new HeaderMap().add(AsciiString.of("x-sum"), "1"));
    pair.pump();
    Recorder request = pair.accepted(0);
    assertThat(request.bodyBytes).isEqualTo(300_000);
    assertThat(request.trailers).isNotNull();
    assertThat(request.ends).isEqualTo(1);
  }

  @Test
  void aResponseOfTrailersOnlyIsAHeadThatEnds() {
    Recorder response = pair.get("/grpc");
    pair.pump();
    pair.accepted(0).stream().writeHeaders(response(200).add(HeaderNames.GRPC_STATUS, "12"), true);
    pair.pump();
    assertThat(text(response.head().get(HeaderNames.GRPC_STATUS))).isEqualTo("12");
    assertThat(response.ends).isEqualTo(1);
    assertThat(response.trailers).isNull();
  }

  @Test
  void informationalHeadsGoBeforeTheFinalOne() {
    Recorder response = pair.post("/continue");
    pair.pump();
    HttpStream server = pair.accepted(0).stream();
    server.writeHeaders(response(100), false);
    server.writeHeaders(response(103).add(AsciiString.of("link"), "</a>"), false);
    server.writeHeaders(response(204), true);
    pair.pump();
    assertThat(response.informational).extracting(HeaderMap::status).containsExactly(100, 103);
    assertThat(response.head().status()).isEqualTo(204);
    assertThat(response.ends).isEqualTo(1);
  }

  @Test
  void theAnswerToHeadMayNameALengthAndHaveNoBody() {
    Recorder response = new Recorder();
    pair.begin(response).writeHeaders(request("HEAD", "/"), true);
    pair.pump();
    pair.accepted(0).stream()
        .writeHeaders(response(200).add(HeaderNames.CONTENT_LENGTH, "1234"), true);
    pair.pump();
    assertThat(text(response.head().get(HeaderNames.CONTENT_LENGTH))).isEqualTo("1234");
    assertThat(response.resets).isEmpty();
  }

  @Test
  void aBodyThatContradictsContentLengthResetsTheStream() {
    Recorder response = pair.get("/short");
    pair.pump();
    HttpStream server = pair.accepted(0).stream();
    server.writeHeaders(response(200).add(HeaderNames.CONTENT_LENGTH, "5"), false);
    server.writeData(bytes("four"), true);
    pair.pump();
    assertThat(response.resets).containsExactly(StreamError.PROTOCOL_ERROR);
    assertThat(response.ends).isZero();
    assertThat(pair.clientConnection.availableStreams()).isPositive();
    assertThat(pair.clientConnection.activeStreams()).isZero();
  }

  @Test
  void crumbsOfACookieAreJoined() {
    Recorder response = new Recorder();
    AsciiString cookie = AsciiString.of("cookie");
    pair.begin(response)
        .writeHeaders(
            request("GET", "/")
                .add(cookie, "a=1")
                .add(HeaderNames.TE, "trailers")
                .add(cookie, "b=2"),
            true);
    pair.pump();
    HeaderMap head = pair.accepted(0).head();
    assertThat(text(head.get(cookie))).isEqualTo("a=1; b=2");
    assertThat(head.size()).isEqualTo(7);
  }

  @Test
  void hostStandsInForAuthority() {
    Recorder response = new Recorder();
    HeaderMap head = request("GET", "/");
    head.remove(HeaderNames.AUTHORITY);
    pair.begin(response).writeHeaders(head.add(HeaderNames.HOST, "other.mesh:80"), true);
    pair.pump();
    HeaderMap received = pair.accepted(0).head();
    assertThat(text(received.authority())).isEqualTo("other.mesh:80");
    assertThat(received.contains(HeaderNames.HOST)).isFalse();
  }

  @Test
  void aResetReachesTheOtherSideAndNothingAfterIt() {
    Recorder response = pair.post("/");
    pair.pump();
    Recorder request = pair.accepted(0);
    request.stream().writeHeaders(response(200), false);
    request.stream().writeData(bytes("late"), false);
    response.stream().reset(StreamError.LOCAL_RESET);
    response.stream().writeData(bytes("ignored"), true);
    pair.pump();
    assertThat(request.resets).containsExactly(StreamError.REMOTE_RESET);
    assertThat(response.resets).isEmpty();
    assertThat(response.head).isNull();
    assertThat(pair.serverConnection.activeStreams()).isZero();
    assertThat(pair.clientConnection.activeStreams()).isZero();
    assertThat(pair.client.isActive()).isTrue();
  }

  @Test
  void aRefusedStreamIsSafeToSendAgain() {
    Recorder response = pair.get("/");
    pair.pump();
    pair.accepted(0).stream().reset(StreamError.LOCAL_REFUSED);
    pair.pump();
    assertThat(response.resets).containsExactly(StreamError.REMOTE_REFUSED);

    Recorder other = pair.get("/");
    pair.pump();
    pair.accepted(1).stream().reset(StreamError.LOCAL_RESET);
    pair.pump();
    assertThat(other.resets).containsExactly(StreamError.REMOTE_RESET);
  }

  @Test
  void aResponseThatEndsFirstStopsTheRequest() {
    Recorder response = pair.post("/early");
    pair.pump();
    Recorder request = pair.accepted(0);
    request.stream().writeHeaders(response(413), false);
    request.stream().writeData(bytes("too large"), true);
    pair.pump();
    assertThat(response.head().status()).isEqualTo(413);
    assertThat(response.body).hasToString("too large");
    assertThat(response.ends).isEqualTo(1);
    // the exchange is over: what is left of the request has nowhere to go
    assertThat(response.resets).containsExactly(StreamError.REMOTE_RESET);
    assertThat(request.resets).isEmpty();
    assertThat(pair.serverConnection.activeStreams()).isZero();
    assertThat(pair.clientConnection.activeStreams()).isZero();
  }

  @Test
  void aClosedConnectionResetsItsStreamsThenReportsItself() {
    Recorder open = pair.post("/open");
    pair.pump();
    Recorder unsent = new Recorder();
    unsent.stream = pair.begin(unsent);
    pair.clientEvents.clear();
    pair.client.close();
    pair.server.close();
    pair.pump();
    assertThat(open.resets).containsExactly(StreamError.CONNECTION_TERMINATION);
    assertThat(unsent.resets).containsExactly(StreamError.LOCAL_REFUSED);
    assertThat(pair.accepted(0).resets).containsExactly(StreamError.CONNECTION_TERMINATION);
    assertThat(pair.clientEvents).containsExactly("closed");
    assertThat(pair.clientConnection.availableStreams()).isZero();
    assertThatThrownBy(() -> pair.begin(new Recorder())).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aDrainedServerServesWhatCrossesTheGoAwayAndCloses() {
    Recorder first = pair.get("/first");
    pair.pump();
    pair.serverConnection.drain();
    // on its way before the client hears of it
    Recorder crossing = pair.get("/crossing");
    pair.pump();
    assertThat(pair.clientEvents).contains("draining");
    assertThat(pair.clientConnection.availableStreams()).isZero();
    assertThat(pair.accepted).hasSize(2);
    for (Recorder request : pair.accepted) {
      request.stream().writeHeaders(response(200), true);
    }
    pair.pump();
    assertThat(first.ends).isEqualTo(1);
    assertThat(crossing.ends).isEqualTo(1);
    assertThat(first.resets).isEmpty();
    assertThat(crossing.resets).isEmpty();
    pair.pump();
    assertThat(pair.server.isActive()).isFalse();
  }

  @Test
  void anIdleServerThatDrainsTellsItsPeerAndWaits() {
    pair.pump();
    pair.serverConnection.drain();
    assertThat(pair.server.isActive()).isTrue();
    pair.pump();
    assertThat(pair.clientEvents).contains("draining");
    // and the client does not keep a connection that takes nothing
    assertThat(pair.client.isActive()).isFalse();
    assertThat(pair.clientEvents).endsWith("closed");
  }

  @Test
  void aDrainedClientFinishesWhatIsOpenAndCloses() {
    Recorder response = pair.get("/");
    pair.pump();
    pair.clientConnection.drain();
    pair.clientConnection.drain();
    assertThat(pair.clientConnection.availableStreams()).isZero();
    assertThat(pair.client.isActive()).isTrue();
    pair.accepted(0).stream().writeHeaders(response(200), true);
    pair.pump();
    assertThat(response.ends).isEqualTo(1);
    assertThat(pair.client.isActive()).isFalse();
    assertThat(pair.clientEvents).filteredOn("draining"::equals).hasSize(1);
    assertThat(pair.clientEvents).filteredOn("closed"::equals).hasSize(1);
  }

  @Test
  void streamsAreAvailableBeforeSettingsAndAsThePeerAllowsAfterwards() {
    try (CodecPair limited =
        new CodecPair(Http2Limits.DEFAULT, Http2Limits.DEFAULT.withMaxConcurrentStreams(2))) {
      assertThat(limited.clientConnection.availableStreams()).isEqualTo(100);
      limited.pump();
      assertThat(limited.clientEvents).containsExactly("available 2");
      Recorder first = limited.get("/1");
      limited.get("/2");
      assertThat(limited.clientConnection.availableStreams()).isZero();
      assertThat(limited.clientConnection.activeStreams()).isEqualTo(2);
      limited.pump();
      limited.accepted(0).stream().writeHeaders(response(200), true);
      limited.pump();
      assertThat(first.ends).isEqualTo(1);
      assertThat(limited.clientEvents).endsWith("available 1");
    }
  }

  @Test
  void streamIdsFollowTheOrderOfHeadsNotOfStreams() {
    Recorder first = new Recorder();
    Recorder second = new Recorder();
    HttpStream a = pair.begin(first);
    HttpStream b = pair.begin(second);
    b.writeHeaders(request("GET", "/b"), true);
    a.writeHeaders(request("GET", "/a"), true);
    pair.pump();
    assertThat(pair.accepted).extracting(r -> text(r.head().path())).containsExactly("/b", "/a");
    for (Recorder request : pair.accepted) {
      request.stream().writeHeaders(response(200), true);
    }
    pair.pump();
    assertThat(first.ends + second.ends).isEqualTo(2);
  }

  @Test
  void aStreamGivenUpBeforeItsHeadCostsNothing() {
    HttpStream stream = pair.begin(new Recorder());
    assertThat(pair.clientConnection.activeStreams()).isEqualTo(1);
    stream.reset(StreamError.LOCAL_RESET);
    stream.writeHeaders(request("GET", "/"), true);
    pair.pump();
    assertThat(pair.clientConnection.activeStreams()).isZero();
    assertThat(pair.accepted).isEmpty();
  }
}
