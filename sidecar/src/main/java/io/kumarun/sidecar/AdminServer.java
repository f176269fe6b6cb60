package io.kumarun.sidecar;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.kumarun.sidecar.settings.SettingCatalog;
import io.kumarun.sidecar.settings.StartupException;
import io.kumarun.telemetry.ProxyMetrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * {@code /ready} and {@code /metrics} on loopback, apart from the event loops: a scrape costs the
 * traffic nothing, and a busy loop does not delay a probe.
 */
final class AdminServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService executor;

  /**
   * Starts to listen.
   *
   * @param port 0: any free one, for tests
   * @throws StartupException if the port is taken
   */
  AdminServer(int port, Supplier<Readiness> readiness, ProxyMetrics metrics) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    } catch (IOException e) {
      throw new StartupException(
          SettingCatalog.READINESS_PORT.name()
              + "="
              + port
              + ": cannot listen there ("
              + e.getMessage()
              + "); is another sidecar running? Choose another port");
    }
    executor = Executors.newVirtualThreadPerTaskExecutor();
    server.setExecutor(executor);
    server.createContext("/", exchange -> answer(exchange, readiness, metrics));
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }

  private static void answer(
      HttpExchange exchange, Supplier<Readiness> readiness, ProxyMetrics metrics)
      throws IOException {
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("allow", "GET, HEAD");
      send(exchange, 405, "text/plain", "only GET and HEAD are answered here\n");
      return;
    }
    switch (exchange.getRequestURI().getPath()) {
      case "/ready" -> {
        Readiness now = readiness.get();
        send(exchange, now.status(), "text/plain", now.name());
      }
      case "/metrics" -> send(exchange, 200, ProxyMetrics.CONTENT_TYPE, metrics.scrape());
      default -> send(exchange, 404, "text/plain", "there are /ready and /metrics\n");
    }
  }

  private static void send(HttpExchange exchange, int status, String contentType, String text)
      throws IOException {
    try (exchange) {
      byte[] body = text.getBytes(UTF_8);
      exchange.getResponseHeaders().set("content-type", contentType);
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(status, head ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    }
  }
}
