package io.kumarun.devmesh.service;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * An HTTP/1.1 application on 127.0.0.1 that says what it saw, one thing per line: {@code service:},
 * {@code method:}, {@code target:}, {@code body-length:}, {@code body-sha256:}, and each header as
 * {@code header-<name>: <value>}. Two paths behave otherwise: {@code /bytes/<n>} answers with n
 * bytes, {@code /status/<code>} with that status. Bodies of any size are read and written in
 * pieces. Any thread.
 */
public final class EchoHttpService implements AutoCloseable {

  private static final int PIECE = 16 * 1024;

  private final String name;
  private final HttpServer server;
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();

  private EchoHttpService(String name, int port) {
    this.name = name;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot listen on port " + port, e);
    }
    server.setExecutor(workers);
    server.createContext("/", this::answer);
    server.start();
  }

  /** Starts on any free port. */
  public static EchoHttpService start(String name) {
    return start(name, 0);
  }

  public static EchoHttpService start(String name, int port) {
    return new EchoHttpService(name, port);
  }

  public int port() {
    return server.getAddress().getPort();
  }

  /** Reads an answer back: what is before the first colon of each line, and what is after. */
  public static Map<String, String> read(String answer) {
    Map<String, String> seen = new TreeMap<>();
    answer
        .lines()
        .forEach(
            line -> {
              int colon = line.indexOf(": ");
              if (colon > 0) {
                seen.put(line.substring(0, colon), line.substring(colon + 2));
              }
            });
    return seen;
  }

  @Override
  public void close() {
    server.stop(0);
    workers.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      exchange.getResponseHeaders().set("x-service", name);
      if (path.startsWith("/bytes/")) {
        bytes(exchange, Long.parseLong(path.substring("/bytes/".length())));
      } else {
        int status =
            path.startsWith("/status/")
                ? Integer.parseInt(path.substring("/status/".length()))
                : 200;
        echo(exchange, status);
      }
    }
  }

  private void echo(HttpExchange exchange, int status) throws IOException {
    MessageDigest digest = sha256();
    long length = 0;
    byte[] piece = new byte[PIECE];
    try (InputStream body = exchange.getRequestBody()) {
      for (int read = body.read(piece); read >= 0; read = body.read(piece)) {
        digest.update(piece, 0, read);
        length += read;
      }
    }
    StringBuilder text = new StringBuilder();
    line(text, "service", name);
    line(text, "method", exchange.getRequestMethod());
    line(text, "target", exchange.getRequestURI().toString());
    line(text, "body-length", Long.toString(length));
    line(text, "body-sha256", HexFormat.of().formatHex(digest.digest()));
    exchange
        .getRequestHeaders()
        .forEach(
            (header, values) ->
                line(text, "header-" + header.toLowerCase(Locale.ROOT), String.join(",", values)));
    byte[] answer = text.toString().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("content-type", "text/plain; charset=utf-8");
    if (status == 204 || status == 304 || exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, answer.length);
    exchange.getResponseBody().write(answer);
  }

  private static void bytes(HttpExchange exchange, long count) throws IOException {
    exchange.getRequestBody().readAllBytes();
    exchange.sendResponseHeaders(200, count == 0 ? -1 : count);
    byte[] piece = new byte[PIECE];
    OutputStream out = exchange.getResponseBody();
    for (long left = count; left > 0; left -= piece.length) {
      out.write(piece, 0, (int) Math.min(left, piece.length));
    }
  }

  private static void line(StringBuilder text, String key, String value) {
    text.append(key).append(": ").append(value).append('\n');
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This JDK has no SHA-256", e);
    }
  }
}
