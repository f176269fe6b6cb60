package io.kumarun.proxy.http.h1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HeaderNames;
import io.kumarun.proxy.http.HttpStream;
import io.kumarun.proxy.http.StreamError;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Http1ClientConnectionTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab";
  private static final String OK_EVENTS = "head :status: 200 | content-length: 2\ndata ab\nEND";

  private final ClientFixture client = new ClientFixture();
  private boolean broken;

  @AfterEach
  void isClosedOnce() {
    assertThat(client.connection.isBroken()).isEqualTo(broken);
    client.finish();
    assertThat(client.pool).endsWith("closed").containsOnlyOnce("closed");
    assertThat(client.connection.availableStreams()).isZero();
    assertThat(client.connection.activeStreams()).isZero();
  }

  private void assertClosed() {
    client.channel.runPendingTasks();
    assertThat(client.channel.isOpen()).isFalse();
  }

  @Test
  void aRequestWithoutABodyHasNoFraming() {
    client.request("GET", true, "x", "y");
    assertThat(client.sent()).isEqualTo("GET /x?y HTTP/1.1\r\nhost: b:80\r\nx: y\r\n\r\n");
  }

  @Test
  void methodsThatExpectABodySayThatThereIsNone() {
    client.request("POST", true);
    assertThat(client.sent())
        .isEqualTo("POST /x?y HTTP/1.1\r\nhost: b:80\r\ncontent-length: 0\r\n\r\n");
  }

  @Test
  void aBodyWithALengthGoesOutAsItIs() {
    HttpStream stream = client.request("PUT", false, "content-length", "3");
    stream.writeData(ServerFixture.bytes("ab"), false);
    stream.writeData(ServerFixture.bytes("c"), true);
    assertThat(client.sent())
        .isEqualTo("PUT /x?y HTTP/1.1\r\nhost: b:80\r\ncontent-length: 3\r\n\r\nabc");
  }

  @Test
  void aBodyWithoutALengthIsChunkedAndMayHaveTrailers() {
    HttpStream stream = client.request("POST", false);
    stream.writeData(ServerFixture.bytes("ab"), false);
    stream.writeTrailers(ServerFixture.fields(new HeaderMap(), "x", "y"));
    assertThat(client.sent())
        .isEqualTo(
            "POST /x?y HTTP/1.1\r\nhost: b:80\r\ntransfer-encoding: chunked\r\n\r\n"
                + "2\r\nab\r\n0\r\nx: y\r\n\r\n");
  }

  @Test
  void aHostFieldNeverComesTwice() {
    client.request("GET", true, "host", "other", "connection", "close", "keep-alive", "1");
    assertThat(client.sent()).isEqualTo("GET /x?y HTTP/1.1\r\nhost: b:80\r\n\r\n");
  }

  @Test
  void withoutAnAuthorityTheHostIsEmpty() {
    client
        .begin()
        .writeHeaders(
            new HeaderMap().add(HeaderNames.METHOD, "GET").add(HeaderNames.PATH, "/"), true);
    assertThat(client.sent()).isEqualTo("GET / HTTP/1.1\r\nhost: \r\n\r\n");
  }

  @Test
  void theConnectionIsReusedAfterAnExchange() {
    assertThat(client.connection.availableStreams()).isEqualTo(1);
    for (int i = 1; i <= 3; i++) {
      client.request("GET", true);
      assertThat(client.connection.availableStreams()).isZero();
      assertThat(client.connection.activeStreams()).isEqualTo(1);
      client.read(OK);
      assertThat(client.events()).isEqualTo(OK_EVENTS);
      assertThat(client.pool).hasSize(i).containsOnly("available 1");
    }
  }

  @Test
  void aBusyConnectionTakesNoSecondStream() {
    client.request("GET", true);
    assertThatThrownBy(client::begin).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void connectionCloseEndsTheConnectionWithTheResponse() {
    client.request("GET", true);
    client.read("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\na");
    assertThat(client.pool).containsExactly("draining");
    client.read("b");
    assertThat(client.events()).isEqualTo(OK_EVENTS);
    assertClosed();
    assertThat(client.pool).containsExactly("draining", "closed");
  }

  @Test
  void anHttp10ResponseEndsTheConnectionUnlessItSaysOtherwise() {
    client.request("GET", true);
    client.read("HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nab");
    client.request("GET", true);
    client.read("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab");
    assertThat(client.events()).isEqualTo(OK_EVENTS);
    assertClosed();
    assertThat(client.pool).containsExactly("available 1", "draining", "closed");
  }

  @Test
  void theEndOfTheConnectionCanBeTheEndOfTheBody() {
    client.request("GET", true);
    client.read("HTTP/1.1 200 OK\r\n\r\nab");
    client.channel.close();
    client.channel.runPendingTasks();
    assertThat(client.events()).isEqualTo("head :status: 200\ndata ab\nEND");
  }

  @Test
  void aBrokenConnectionIsNotTheEndOfABody() {
    client.request("GET", true);
    client.read("HTTP/1.1 200 OK\r\n\r\nab");
    broken = true;
    client.channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
    assertClosed();
    assertThat(client.events()).endsWith("data ab\nreset CONNECTION_TERMINATION");
  }

  @Test
  void aConnectionThatEndsInTheMiddleResetsTheStream() {
    client.request("GET", true);
    client.read("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab");
    client.channel.close();
    client.channel.runPendingTasks();
    assertThat(client.events()).endsWith("data ab\nreset CONNECTION_TERMINATION");
  }

  @Test
  void aConnectionThatEndsBeforeTheResponseResetsTheStream() {
    client.request("GET", true);
    client.channel.close();
    client.channel.runPendingTasks();
    assertThat(client.events()).isEqualTo("reset CONNECTION_TERMINATION");
  }

  @Test
  void aMalformedResponseResetsTheStreamAndCloses() {
    client.request("GET", true);
    client.read("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n");
    assertThat(client.events()).isEqualTo("reset PROTOCOL_ERROR");
    assertClosed();
  }

  @Test
  void informationalHeadsAreNotTheResponse() {
    client.request("POST", false, "content-length", "1", "expect", "100-continue");
    client.read("HTTP/1.1 100 Continue\r\n\r\n");
    assertThat(client.events()).isEqualTo("informational :status: 100");
    client.connection.channel().config();
    client.read("HTTP/1.1 103 Early Hints\r\n\r\n");
    assertThat(client.events()).endsWith("informational :status: 103");
  }

  @Test
  void aResponseToHeadHasNoBody() {
    client.request("HEAD", true);
    client.read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
    assertThat(client.events()).isEqualTo("head :status: 200 | content-length: 2 END");
    client.request("GET", true);
    client.read(OK);
    assertThat(client.events()).isEqualTo(OK_EVENTS);
  }

  @Test
  void bytesOnAnIdleConnectionCloseIt() {
    client.read("HTTP/1.1 408 Request Timeout\r\n\r\n");
    assertClosed();
    assertThat(client.pool).containsExactly("draining", "closed");
  }

  @Test
  void bytesBehindAResponseCloseTheConnection() {
    client.request("GET", true);
    client.read(OK + "HTTP/1.1 200 OK\r\n");
    assertThat(client.events()).isEqualTo(OK_EVENTS);
    assertClosed();
    assertThat(client.pool).containsExactly("draining", "closed");
  }

  @Test
  void bytesBeforeARequestAreNotItsResponse() {
    client.begin();
    client.read(OK);
    assertThat(client.events()).isEqualTo("reset CONNECTION_TERMINATION");
    assertClosed();
  }

  @Test
  void aResponseBeforeTheEndOfItsRequestEndsTheExchangeAndTheConnection() {
    HttpStream stream = client.request("POST", false);
    client.read(OK);
    assertThat(client.events()).isEqualTo(OK_EVENTS);
    ByteBuf late = ServerFixture.bytes("late");
    stream.writeData(late, true);
    assertThat(late.refCnt()).isZero();
    assertClosed();
    assertThat(client.pool).containsExactly("draining", "closed");
  }

  @Test
  void aResetClosesTheConnectionWithoutAnEvent() {
    HttpStream stream = client.request("GET", true);
    stream.reset(StreamError.LOCAL_RESET);
    assertClosed();
    assertThat(client.events()).isEmpty();
    assertThat(client.pool).containsExactly("closed");
  }

  @Test
  void drainOfAnIdleConnectionClosesIt() {
    client.connection.drain();
    assertClosed();
    assertThat(client.pool).containsExactly("draining", "closed");
  }

  @Test
  void drainLetsTheExchangeFinish() {
    client.request("GET", true);
    client.connection.drain();
    client.connection.drain();
    client.read(OK);
    assertThat(client.events()).isEqualTo(OK_EVENTS);
    assertClosed();
    assertThat(client.pool).containsExactly("draining", "closed");
  }

  @Test
  void aBodyThatContradictsItsLengthClosesTheConnection() {
    HttpStream stream = client.request("PUT", false, "content-length", "3");
    stream.writeData(ServerFixture.bytes("abcd"), true);
    assertThat(client.events()).isEmpty();
    assertThat(client.sent()).endsWith("content-length: 3\r\n\r\n");
    assertThat(client.events()).isEqualTo("reset PROTOCOL_ERROR");
    assertClosed();
  }

  @Test
  void aRequestLineCannotBeInjected() {
    for (String path : new String[] {"/ HTTP/1.1\r\nx: y", "/a b", "", "/\u0001"}) {
      ClientFixture other = new ClientFixture();
      HeaderMap head = ClientFixture.head("GET");
      head.set(HeaderNames.PATH, path);
      other.begin().writeHeaders(head, true);
      assertThat(other.sent()).isEmpty();
      assertThat(other.events()).isEqualTo("reset PROTOCOL_ERROR");
      other.finish();
    }
  }

  @Test
  void anUpgradeOpensBothHalvesAgain() {
    HttpStream stream = client.request("GET", true, "upgrade", "websocket");
    assertThat(client.sent())
        .isEqualTo(
            "GET /x?y HTTP/1.1\r\nhost: b:80\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n");
    client.read(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nin");
    assertThat(client.events()).isEqualTo("head :status: 101 | upgrade: websocket\ndata in");
    stream.writeData(ServerFixture.bytes("out"), false);
    assertThat(client.sent()).isEqualTo("out");
    client.channel.close();
    client.channel.runPendingTasks();
    assertThat(client.events()).endsWith("data in\nEND");
  }

  @Test
  void connectSendsNothingBeforeItIsAccepted() {
    HttpStream stream = client.request("CONNECT", false);
    assertThat(client.sent()).isEqualTo("CONNECT b:80 HTTP/1.1\r\nhost: b:80\r\n\r\n");
    client.read("HTTP/1.1 200 OK\r\n\r\n");
    stream.writeData(ServerFixture.bytes("out"), false);
    assertThat(client.sent()).isEqualTo("out");
    client.read("in");
    assertThat(client.events()).isEqualTo("head :status: 200\ndata in");
  }

  @Test
  void aPauseEndsWithItsExchange() {
    HttpStream stream = client.request("GET", true);
    stream.pauseReading();
    assertThat(client.channel.config().isAutoRead()).isFalse();
    client.read(OK);
    assertThat(client.channel.config().isAutoRead()).isTrue();
  }
}
