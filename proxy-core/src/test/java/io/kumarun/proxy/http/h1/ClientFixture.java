package io.kumarun.proxy.http.h1;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HeaderNames;
import io.kumarun.proxy.http.HttpClientConnection;
import io.kumarun.proxy.http.HttpStream;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;

/** A client connection on an embedded channel; its pool's calls and its exchanges are recorded. */
final class ClientFixture implements HttpClientConnection.Listener {
  final List<String> pool = new ArrayList<>();
  final Http1ClientConnection connection = new Http1ClientConnection(this, Http1Limits.DEFAULT);
  final EmbeddedChannel channel = new EmbeddedChannel(connection);

  Transcript transcript = new Transcript();

  HttpStream begin() {
    transcript = new Transcript();
    return connection.newStream(transcript);
  }

  HttpStream request(String method, boolean end, String... fields) {
    HttpStream stream = begin();
    stream.writeHeaders(head(method, fields), end);
    return stream;
  }

  static HeaderMap head(String method, String... fields) {
    HeaderMap head =
        new HeaderMap()
            .add(HeaderNames.METHOD, AsciiString.of(method))
            .add(HeaderNames.SCHEME, "http")
            .add(HeaderNames.AUTHORITY, "b:80");
    if (!method.equals("CONNECT")) {
      head.add(HeaderNames.PATH, "/x?y");
    }
    return ServerFixture.fields(head, fields);
  }

  ClientFixture read(String bytes) {
    channel.writeInbound(ServerFixture.bytes(bytes));
    return this;
  }

  String sent() {
    return ServerFixture.sent(channel);
  }

  String events() {
    return transcript.text();
  }

  void finish() {
    channel.finishAndReleaseAll();
  }

  @Override
  public void onStreamsAvailable(HttpClientConnection connection) {
    pool.add("available " + connection.availableStreams());
  }

  @Override
  public void onDraining(HttpClientConnection connection) {
    pool.add("draining");
  }

  @Override
  public void onClosed(HttpClientConnection connection) {
    pool.add("closed");
  }
}
