package io.kumarun.proxy.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HttpStream.HttpVersion;
import io.kumarun.proxy.http.StreamError;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Http1ServerConnectionTest {
  private static final String GET = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String HEAD_OF_GET = "head :method: GET | :authority: a | :path: /x END";
  private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n";
  private static final String HEAD_OF_POST =
      "head :method: POST | :authority: a | :path: / | content-length: 4";

  private final ServerFixture server = new ServerFixture();

  @AfterEach
  void nothingEscapes() {
    assertThat(server.connection.isBroken()).isFalse();
    server.finish();
  }

  private void respond(int status, boolean end, String... fields) {
    server.stream().writeHeaders(ServerFixture.response(status, fields), end);
  }

  private void write(String data, boolean end) {
    server.stream().writeData(ServerFixture.bytes(data), end);
  }

  private void assertClosed() {
    server.channel.runPendingTasks();
    assertThat(server.channel.isOpen()).isFalse();
  }

  @Test
  void aResponseWithALengthGoesOutAsItIs() {
    server.read(GET);
    assertThat(server.events()).isEqualTo(HEAD_OF_GET);
    assertThat(server.stream().version()).isEqualTo(HttpVersion.HTTP_1_1);
    assertThat(server.connection.activeStreams()).isEqualTo(1);
    respond(200, false, "content-length", "2", "x", "y");
    write("ab", true);
    assertThat(server.sent()).isEqualTo("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx: y\r\n\r\nab");
    assertThat(server.connection.activeStreams()).isZero();
    assertThat(server.channel.isOpen()).isTrue();
  }

  @Test
  void aBodyWithoutALengthIsChunked() {
    server.read(GET);
    respond(200, false);
    write("0123456789abcdef", false);
    write("", false);
    write("b", true);
    assertThat(server.sent())
        .isEqualTo(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
                + "10\r\n0123456789abcdef\r\n1\r\nb\r\n0\r\n\r\n");
  }

  @Test
  void trailersEndChunksWithoutWhatTheyMayNotSay() {
    server.read(GET);
    respond(200, false);
    write("a", false);
    server.stream()
        .writeTrailers(
            ServerFixture.fields(
                new HeaderMap(), "grpc-status", "0", "content-length", "3", "x", "a\r\nb: c"));
    assertThat(server.sent()).endsWith("\r\n\r\n1\r\na\r\n0\r\ngrpc-status: 0\r\n\r\n");
  }

  @Test
  void trailersBehindALengthAreDropped() {
    server.read(GET);
    respond(200, false, "content-length", "1");
    write("a", false);
    server.stream().writeTrailers(ServerFixture.fields(new HeaderMap(), "grpc-status", "0"));
    assertThat(server.sent()).endsWith("\r\n\r\na");
    assertThat(server.channel.isOpen()).isTrue();
  }

  @Test
  void anEmptyResponseSaysSo() {
    server.read(GET);
    respond(404, true);
    assertThat(server.sent()).isEqualTo("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
  }

  @Test
  void aStatusWithoutAReasonPhraseIsStillALine() {
    server.read(GET);
    respond(299, true);
    assertThat(server.sent()).startsWith("HTTP/1.1 299 Unknown\r\n");
  }

  @Test
  void aResponseToHeadKeepsItsLengthAndHasNoBody() {
    server.read("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    respond(200, false, "content-length", "7");
    write("1234567", true);
    assertThat(server.sent()).isEqualTo("HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n");
    server.read(GET);
    assertThat(server.streams).hasSize(2);
  }

  @Test
  void statusesWithoutABodyHaveNone() {
    server.read(GET);
    respond(204, false, "content-length", "3");
    write("abc", true);
    assertThat(server.sent()).isEqualTo("HTTP/1.1 204 No Content\r\n\r\n");
    server.read(GET);
    respond(304, true, "content-length", "3");
    assertThat(server.sent()).isEqualTo("HTTP/1.1 304 Not Modified\r\ncontent-length: 3\r\n\r\n");
    assertThat(server.channel.isOpen()).isTrue();
  }

  @Test
  void informationalHeadsPrecedeTheFinalOne() {
    server.read(POST);
    respond(100, false);
    assertThat(server.sent()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
    server.read("abcd");
    respond(200, true);
    assertThat(server.sent()).isEqualTo("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  }

  @Test
  void anHttp10PeerGetsNoInformationalHeadAndAClosedConnection() {
    server.read("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
    assertThat(server.stream().version()).isEqualTo(HttpVersion.HTTP_1_0);
    respond(100, false);
    respond(200, false);
    write("abc", true);
    assertThat(server.sent()).isEqualTo("HTTP/1.0 200 OK\r\nconnection: close\r\n\r\nabc");
    assertClosed();
  }

  @Test
  void anHttp10PeerThatAsksIsKeptAlive() {
    String get = "GET / HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n";
    server.read(get);
    respond(200, false, "content-length", "1");
    write("a", true);
    assertThat(server.sent())
        .isEqualTo("HTTP/1.0 200 OK\r\ncontent-length: 1\r\nconnection: keep-alive\r\n\r\na");
    server.read(get);
    respond(200, false);
    write("a", true);
    assertThat(server.sent()).isEqualTo("HTTP/1.0 200 OK\r\nconnection: close\r\n\r\na");
    assertClosed();
  }

  @Test
  void theConnectionClosesWhenThePeerAsksForIt() {
    server.read("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    respond(200, true);
    assertThat(server.sent())
        .isEqualTo("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    assertClosed();
  }

  @Test
  void theConnectionClosesWhenTheExchangeAsksForIt() {
    server.read(GET);
    respond(200, true, "connection", "close");
    assertThat(server.sent()).contains("\r\nconnection: close\r\n");
    assertClosed();
  }

  @Test
  void pipelinedRequestsWaitForTheirTurnAndAreNotReadFurther() {
    server.read(GET + POST + "ab");
    assertThat(server.streams).hasSize(1);
    assertThat(server.channel.config().isAutoRead()).isFalse();
    respond(200, true);
    server.channel.runPendingTasks();
    assertThat(server.events()).isEqualTo(HEAD_OF_GET + "\n" + HEAD_OF_POST + "\ndata ab");
    assertThat(server.channel.config().isAutoRead()).isTrue();
    server.read("cd" + GET);
    assertThat(server.streams).hasSize(2);
    respond(204, true);
    server.channel.runPendingTasks();
    assertThat(server.streams).hasSize(3);
    respond(204, true);
    assertThat(server.sent()).containsSubsequence("200 OK", "204 No", "204 No");
  }

  @Test
  void manyPipelinedRequestsAreAnsweredAtOnceAndInOrder() {
    server.answering = true;
    server.read(GET.repeat(5000));
    assertThat(server.sent())
        .isEqualTo("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".repeat(5000));
  }

  @Test
  void readingGoesOnWhileARequestIsIncomplete() {
    server.read("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1");
    assertThat(server.channel.config().isAutoRead()).isTrue();
    server.read("\r\na");
    assertThat(server.channel.config().isAutoRead()).isTrue();
    server.read("\r\n0\r\n\r\n");
    assertThat(server.events()).endsWith("data a\nEND");
    assertThat(server.channel.config().isAutoRead()).isTrue();
  }

  @Test
  void aPausedStreamStopsReadingUntilItIsResumed() {
    server.read(POST);
    server.stream().pauseReading();
    server.stream().pauseReading();
    assertThat(server.channel.config().isAutoRead()).isFalse();
    server.stream().resumeReading();
    assertThat(server.channel.config().isAutoRead()).isTrue();
  }

  @Test
  void aPauseEndsWithItsExchange() {
    server.read(GET);
    server.stream().pauseReading();
    respond(200, true);
    assertThat(server.channel.config().isAutoRead()).isTrue();
    server.streams.getFirst().pauseReading();
    assertThat(server.channel.config().isAutoRead()).isTrue();
  }

  @Test
  void aResponseBeforeTheEndOfItsRequestClosesTheConnection() {
    server.read(POST + "ab");
    respond(413, true);
    assertThat(server.sent())
        .isEqualTo(
            "HTTP/1.1 413 Payload Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    server.channel.pipeline().fireChannelRead(ServerFixture.bytes("cd" + GET));
    assertThat(server.events()).isEqualTo(HEAD_OF_POST + "\ndata ab");
    assertClosed();
  }

  @Test
  void aRequestIsRefusedAndTheConnectionClosed() {
    server.read("GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n" + GET);
    assertThat(server.events()).isEqualTo("protocol error 400 http1.codec_error");
    assertThat(server.sent())
        .isEqualTo(
            "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: 11\r\n\r\nBad Request");
    assertClosed();
  }

  @Test
  void aHeadTooLargeIsRefusedWith431() {
    server.read("GET / HTTP/1.1\r\nHost: a\r\nX: " + "a".repeat(62_000));
    assertThat(server.events()).isEqualTo("protocol error 431 http1.headers_too_large");
    assertThat(server.sent()).startsWith("HTTP/1.1 431 Request Header Fields Too Large\r\n");
    assertClosed();
  }

  @Test
  void tooManyFieldsAreRefusedWith431() {
    server.read("GET / HTTP/1.1\r\nHost: a\r\n" + "X: a\r\n".repeat(101));
    assertThat(server.events()).isEqualTo("protocol error 431 http1.too_many_headers");
  }

  @Test
  void anUnknownCodingIsRefusedWith501() {
    server.read("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n");
    assertThat(server.events()).isEqualTo("protocol error 501 http1.invalid_transfer_encoding");
    assertThat(server.sent()).startsWith("HTTP/1.1 501 Not Implemented\r\n");
  }

  @Test
  void aBadChunkResetsTheStreamAndIsAnswered() {
    server.read("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\nz\r\n");
    assertThat(server.events())
        .endsWith("data a\nreset PROTOCOL_ERROR\nprotocol error 400 http1.codec_error");
    assertThat(server.sent()).startsWith("HTTP/1.1 400 Bad Request\r\n");
    assertClosed();
  }

  @Test
  void aBadChunkUnderAResponseIsNotAnsweredInTheMiddleOfIt() {
    server.read("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    respond(200, false);
    server.sent();
    server.read("z\r\n");
    assertThat(server.events())
        .endsWith("reset PROTOCOL_ERROR\nprotocol error 0 http1.codec_error");
    assertThat(server.sent()).isEmpty();
    assertClosed();
  }

  @Test
  void aResetClosesTheConnectionWithoutAnEvent() {
    server.read(GET);
    respond(200, false);
    write("a", false);
    ServerFixture.reset(server.stream());
    assertThat(server.sent()).endsWith("1\r\na\r\n");
    assertThat(server.events()).isEqualTo(HEAD_OF_GET);
    assertClosed();
  }

  @Test
  void writesAfterAResetAreReleased() {
    server.read(GET);
    ServerFixture.reset(server.stream());
    ByteBuf late = ServerFixture.bytes("late");
    server.stream().writeData(late, true);
    assertThat(late.refCnt()).isZero();
    respond(200, true);
    ServerFixture.reset(server.stream());
    assertThat(server.sent()).isEmpty();
  }

  @Test
  void aResetOfAnExchangeThatEndedDoesNothing() {
    server.read(GET);
    respond(200, true);
    ServerFixture.reset(server.stream());
    server.read(GET);
    assertThat(server.streams).hasSize(2);
  }

  @Test
  void aPeerThatGoesAwayResetsTheStream() {
    server.read(GET);
    server.channel.close();
    server.channel.runPendingTasks();
    assertThat(server.events()).isEqualTo(HEAD_OF_GET + "\nreset CONNECTION_TERMINATION");
  }

  @Test
  void aPeerThatEndsItsOutputIsGone() {
    server.read(GET);
    server.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    assertThat(server.events()).isEqualTo(HEAD_OF_GET + "\nreset CONNECTION_TERMINATION");
    assertClosed();
  }

  @Test
  void aBodyLongerThanItsLengthIsNotSent() {
    server.read(GET);
    respond(200, false, "content-length", "1");
    write("ab", true);
    assertThat(server.sent()).endsWith("\r\n\r\n");
    assertThat(server.events()).isEqualTo(HEAD_OF_GET + "\nreset PROTOCOL_ERROR");
    assertClosed();
  }

  @Test
  void aBodyShorterThanItsLengthClosesTheConnection() {
    server.read(GET);
    respond(200, false, "content-length", "3");
    write("ab", true);
    assertThat(server.sent()).endsWith("\r\n\r\nab");
    assertThat(server.events()).endsWith("reset PROTOCOL_ERROR");
    assertClosed();
  }

  @Test
  void aLengthWithoutItsBodyIsNotSent() {
    server.read(GET);
    respond(200, true, "content-length", "3");
    assertThat(server.sent()).isEmpty();
    assertThat(server.events()).endsWith("reset PROTOCOL_ERROR");
    assertClosed();
  }

  @Test
  void aLineBreakNeverGetsIntoAField() {
    server.read(GET);
    respond(200, true, "x", "a\r\nset-cookie: b");
    assertThat(server.sent()).isEmpty();
    assertClosed();
  }

  @Test
  void framingFieldsOfTheExchangeAreReplaced() {
    server.read(GET);
    respond(
        200, false, "transfer-encoding", "gzip", "keep-alive", "5", "proxy-connection", "close");
    write("a", true);
    assertThat(server.sent())
        .isEqualTo("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n");
  }

  @Test
  void anIdleConnectionThatDrainsTakesTheRequestThatIsOnItsWay() {
    server.connection.drain();
    assertThat(server.channel.isOpen()).isTrue();
    server.read(GET);
    respond(200, true);
    assertThat(server.sent()).contains("\r\nconnection: close\r\n");
    assertClosed();
  }

  @Test
  void drainLetsTheExchangeFinishAndSaysClose() {
    server.read(GET);
    server.connection.drain();
    assertThat(server.channel.isOpen()).isTrue();
    respond(200, true);
    assertThat(server.sent()).contains("\r\nconnection: close\r\n");
    assertClosed();
  }

  @Test
  void drainAfterTheHeadIsToldWithTheNextResponse() {
    server.read(GET);
    respond(200, false);
    server.connection.drain();
    write("a", true);
    assertThat(server.sent()).endsWith("0\r\n\r\n");
    assertThat(server.channel.isOpen()).isTrue();
    server.read(GET);
    respond(200, true);
    assertThat(server.sent()).contains("\r\nconnection: close\r\n");
    assertClosed();
  }

  @Test
  void drainWaitsForARequestThatHasBegun() {
    server.read("GET / HTT");
    server.connection.drain();
    assertThat(server.channel.isOpen()).isTrue();
    server.read("P/1.1\r\nHost: a\r\n\r\n");
    respond(200, true);
    assertThat(server.sent()).contains("\r\nconnection: close\r\n");
    assertClosed();
  }

  @Test
  void anUpgradeMakesTheConnectionATunnel() {
    server.read(
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly");
    assertThat(server.events())
        .isEqualTo("head :method: GET | :authority: a | :path: / | upgrade: websocket END");
    server.transcripts.getLast().switchToTunnel();
    respond(101, false, "upgrade", "websocket");
    assertThat(server.sent())
        .isEqualTo(
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n");
    server.read(" late");
    assertThat(server.events()).endsWith("END\ndata early late");
    write("down", false);
    assertThat(server.sent()).isEqualTo("down");
    write("", true);
    assertClosed();
  }

  @Test
  void anUpgradeThatIsRefusedIsAnOrdinaryExchange() {
    server.read("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n" + GET);
    respond(200, true);
    server.channel.runPendingTasks();
    assertThat(server.streams).hasSize(2);
  }

  @Test
  void aSwitchThatNobodyAskedForIsNotSent() {
    server.read(GET);
    respond(101, false, "upgrade", "websocket");
    assertThat(server.sent()).isEmpty();
    assertClosed();
  }

  @Test
  void connectBecomesATunnelOnce2xxIsWritten() {
    server.read("CONNECT b:80 HTTP/1.1\r\nHost: b:80\r\n\r\nearly");
    assertThat(server.events()).isEqualTo("head :method: CONNECT | :authority: b:80");
    respond(200, false);
    assertThat(server.sent()).isEqualTo("HTTP/1.1 200 OK\r\n\r\n");
    assertThat(server.events()).endsWith("data early");
  }

  @Test
  void connectThatIsRefusedNeverReadsTheBytesBehindIt() {
    server.read("CONNECT b:80 HTTP/1.1\r\nHost: b:80\r\n\r\n" + GET);
    respond(403, true);
    assertThat(server.sent()).contains("connection: close");
    assertThat(server.streams).hasSize(1);
    assertClosed();
  }

  @Test
  void theHighWaterMarkIsTheChannels() {
    ServerFixture small = new ServerFixture(new Http1Limits(1024, 10, 1024, 1024, true));
    small.channel.pipeline().addFirst(new Stuck());
    small.read(GET);
    small.stream().writeHeaders(ServerFixture.response(200, "content-length", "4000"), false);
    assertThat(small.stream().isWritable()).isTrue();
    small.stream().writeData(ServerFixture.bytes("a".repeat(2000)), false);
    assertThat(small.stream().isWritable()).isFalse();
    small.channel.runPendingTasks();
    assertThat(small.events()).endsWith("writable false");
    small.finish();
  }

  @Test
  void worksWhenItIsAddedLate() {
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.config().setAutoRead(false);
    ServerFixture late = new ServerFixture();
    Http1ServerConnection connection = new Http1ServerConnection(late, Http1Limits.DEFAULT);
    channel.pipeline().addLast(connection);
    assertThat(channel.config().isAutoRead()).isTrue();
    channel.writeInbound(ServerFixture.bytes(GET));
    assertThat(late.events()).isEqualTo(HEAD_OF_GET);
    channel.finishAndReleaseAll();
    assertThat(late.events()).endsWith("reset CONNECTION_TERMINATION");
    late.finish();
  }

  @Test
  void bytesThatWaitAreReleasedWithTheConnection() {
    ByteBuf waiting = ServerFixture.bytes(GET + "GET / H");
    server.channel.writeInbound(waiting);
    assertThat(waiting.refCnt()).isEqualTo(1);
    server.stream().reset(StreamError.LOCAL_RESET);
    assertThat(waiting.refCnt()).isZero();
  }

  /** Keeps what is written, as a socket that takes nothing. */
  private static final class Stuck extends ChannelOutboundHandlerAdapter {
    @Override
    public void flush(ChannelHandlerContext ctx) {}
  }
}
