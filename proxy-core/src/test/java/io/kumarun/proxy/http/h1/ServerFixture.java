package io.kumarun.proxy.http.h1;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HeaderNames;
import io.kumarun.proxy.http.HttpStream;
import io.kumarun.proxy.http.HttpStreamAcceptor;
import io.kumarun.proxy.http.HttpStreamHandler;
import io.kumarun.proxy.http.StreamError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A server connection on an embedded channel; its exchanges are recorded in one list. */
final class ServerFixture implements HttpStreamAcceptor {
  final List<String> events = new ArrayList<>();
  final List<HttpStream> streams = new ArrayList<>();
  final List<Transcript> transcripts = new ArrayList<>();
  final Http1ServerConnection connection;
  final EmbeddedChannel channel;

  /** Whether each request is answered as soon as it is complete. */
  boolean answering;

  ServerFixture() {
    this(ParserRun.WITH_HTTP_1_0);
  }

  ServerFixture(Http1Limits limits) {
    connection = new Http1ServerConnection(this, limits);
    channel = new EmbeddedChannel(connection);
  }

  @Override
  public HttpStreamHandler newStream(HttpStream stream) {
    streams.add(stream);
    Transcript transcript =
        new Transcript(events) {
          @Override
          public void onHeaders(HeaderMap headers, boolean endStream) {
            super.onHeaders(headers, endStream);
            answerAt(endStream);
          }

          @Override
          public void onData(ByteBuf bytes, boolean endStream) {
            super.onData(bytes, endStream);
            answerAt(endStream);
          }

          @Override
          public void onTrailers(HeaderMap trailers) {
            super.onTrailers(trailers);
            answerAt(true);
          }

          @Override
          public void onWritabilityChanged() {
            event("writable " + stream.isWritable());
          }

          private void answerAt(boolean end) {
            if (answering && end) {
              stream.writeHeaders(response(200), true);
            }
          }
        };
    transcripts.add(transcript);
    return transcript;
  }

  @Override
  public void onProtocolError(int status, String details) {
    events.add("protocol error " + status + " " + details);
  }

  ServerFixture read(String bytes) {
    channel.writeInbound(bytes(bytes));
    return this;
  }

  HttpStream stream() {
    return streams.getLast();
  }

  String events() {
    transcripts.forEach(Transcript::text);
    return String.join("\n", events);
  }

  /** What the peer was sent since the last call. */
  String sent() {
    return sent(channel);
  }

  void finish() {
    channel.finishAndReleaseAll();
  }

  static String sent(EmbeddedChannel channel) {
    channel.runPendingTasks();
    StringBuilder text = new StringBuilder();
    for (ByteBuf sent = channel.readOutbound(); sent != null; sent = channel.readOutbound()) {
      text.append(sent.toString(StandardCharsets.ISO_8859_1));
      sent.release();
    }
    return text.toString();
  }

  static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  static HeaderMap response(int status, String... fields) {
    return fields(new HeaderMap().add(HeaderNames.STATUS, Integer.toString(status)), fields);
  }

  static HeaderMap fields(HeaderMap map, String... fields) {
    for (int i = 0; i < fields.length; i += 2) {
      map.add(AsciiString.of(fields[i]), fields[i + 1]);
    }
    return map;
  }

  static void reset(HttpStream stream) {
    stream.reset(StreamError.LOCAL_RESET);
  }
}
