package io.kumarun.proxy.http.h2;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HeaderNames;
import io.kumarun.proxy.http.HttpClientConnection;
import io.kumarun.proxy.http.HttpStream;
import io.kumarun.proxy.http.HttpStreamAcceptor;
import io.kumarun.proxy.http.HttpStreamHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Client and server joined back to back, moved on by hand. */
final class CodecPair implements AutoCloseable {
  final List<Recorder> accepted = new ArrayList<>();
  final List<String> violations = new ArrayList<>();
  final List<String> clientEvents = new ArrayList<>();
  Supplier<Recorder> newHandler = Recorder::new;
  final Http2ClientConnection clientConnection;
  final Http2ServerConnection serverConnection;
  final EmbeddedChannel client;
  final EmbeddedChannel server;

  CodecPair() {
    this(Http2Limits.DEFAULT);
  }

  CodecPair(Http2Limits limits) {
    this(limits, limits);
  }

  CodecPair(Http2Limits clientLimits, Http2Limits serverLimits) {
    clientConnection = Http2ClientConnection.create(new Events(), clientLimits);
    serverConnection = Http2ServerConnection.create(new Acceptor(), serverLimits);
    client = new EmbeddedChannel(clientConnection);
    server = new EmbeddedChannel(serverConnection);
  }

  /** Moves bytes and runs tasks until nothing happens any more. */
  void pump() {
    boolean moved;
    do {
      client.runPendingTasks();
      server.runPendingTasks();
      moved = transfer(client, server);
      moved |= transfer(server, client);
    } while (moved);
  }

  boolean pumpToServer() {
    client.runPendingTasks();
    return transfer(client, server);
  }

  static boolean transfer(EmbeddedChannel from, EmbeddedChannel to) {
    boolean moved = false;
    ByteBuf bytes;
    while ((bytes = from.readOutbound()) != null) {
      moved = true;
      if (to.isActive()) {
        to.writeInbound(bytes);
      } else {
        bytes.release();
      }
    }
    return moved;
  }

  HttpStream begin(HttpStreamHandler handler) {
    return clientConnection.newStream(handler);
  }

  Recorder get(String path) {
    Recorder recorder = new Recorder();
    recorder.stream = begin(recorder);
    recorder.stream().writeHeaders(request("GET", path), true);
    return recorder;
  }

  Recorder post(String path) {
    Recorder recorder = new Recorder();
    recorder.stream = begin(recorder);
    recorder.stream().writeHeaders(request("POST", path), false);
    return recorder;
  }

  Recorder accepted(int index) {
    return accepted.get(index);
  }

  static HeaderMap request(String method, String path) {
    return new HeaderMap()
        .add(HeaderNames.METHOD, method)
        .add(HeaderNames.SCHEME, "http")
        .add(HeaderNames.AUTHORITY, "backend.mesh")
        .add(HeaderNames.PATH, path)
        .add(HeaderNames.USER_AGENT, "test");
  }

  static HeaderMap response(int status) {
    return new HeaderMap().add(HeaderNames.STATUS, Integer.toString(status));
  }

  static String text(@Nullable AsciiString value) {
    return String.valueOf(value);
  }

  static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
  }

  static ByteBuf bytes(int length) {
    return Unpooled.buffer(length).writeZero(length);
  }

  @Override
  public void close() {
    client.close();
    server.close();
    pump();
    client.finishAndReleaseAll();
    server.finishAndReleaseAll();
  }

  private final class Acceptor implements HttpStreamAcceptor {
    @Override
    public HttpStreamHandler newStream(HttpStream stream) {
      Recorder recorder = newHandler.get();
      recorder.stream = stream;
      accepted.add(recorder);
      return recorder;
    }

    @Override
    public void onProtocolError(int status, String details) {
      violations.add(status + " " + details);
    }
  }

  private final class Events implements HttpClientConnection.Listener {
    @Override
    public void onStreamsAvailable(HttpClientConnection connection) {
      clientEvents.add("available " + connection.availableStreams());
    }

    @Override
    public void onDraining(HttpClientConnection connection) {
      clientEvents.add("draining");
    }

    @Override
    public void onClosed(HttpClientConnection connection) {
      clientEvents.add("closed");
    }
  }
}
