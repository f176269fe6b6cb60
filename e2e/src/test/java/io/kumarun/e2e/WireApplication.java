package io.kumarun.e2e;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * An application on 127.0.0.1 that writes down what it is sent, and answers as the case at hand
 * says. One case at a time.
 */
final class WireApplication implements AutoCloseable {
  /** A request by which a peer learns whether its connection still serves; not written down. */
  static final String PROBE = "/is-anybody-there";

  private static final byte[] PROBE_REPLY =
      String.join("\r\n", "HTTP/1.1 200 OK", "connection: close", "content-length: 0", "", "")
          .getBytes(StandardCharsets.US_ASCII);

  private final ServerSocket server;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final AtomicInteger busy = new AtomicInteger();
  private final List<String> seen = new ArrayList<>();
  private volatile @Nullable WireCase current;

  private WireApplication() {
    try {
      server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  static WireApplication start() {
    return new WireApplication();
  }

  int port() {
    return server.getLocalPort();
  }

  void begin(WireCase next) {
    synchronized (seen) {
      seen.clear();
    }
    current = next;
  }

  /**
   * Ends the case, and says what was seen of it. No connection is left when it returns: the sidecar
   * has heard that what it kept is closed.
   */
  List<String> end() {
    await(() -> busy.get() == 0);
    current = null;
    await(
        () -> {
          // Again and again: a sidecar may have connected for a request that it then refused.
          connections.forEach(WireApplication::endOutput);
          return connections.isEmpty();
        });
    synchronized (seen) {
      return List.copyOf(seen);
    }
  }

  private static void await(Callable<Boolean> condition) {
    Awaitility.await().pollInterval(2, TimeUnit.MILLISECONDS).until(condition);
  }

  @Override
  public void close() {
    end(server);
    connections.forEach(WireApplication::end);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket connection = server.accept();
        connections.add(connection);
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      connection.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(connection.getInputStream());
      boolean more = true;
      while (more) {
        in.mark(1);
        if (in.read() < 0) {
          return;
        }
        in.reset();
        busy.incrementAndGet();
        try {
          more = exchange(connection, in);
        } finally {
          busy.decrementAndGet();
        }
      }
    } catch (IOException e) {
      // The other side went away, which it may.
    } finally {
      connections.remove(connection);
    }
  }

  private boolean exchange(Socket connection, InputStream in) throws IOException {
    WireCase behaviour = current;
    boolean early = behaviour != null && behaviour.is(WireCase.Flag.EARLY);
    WireMessage request = WireMessage.request(in, early);
    if (request == null || behaviour == null) {
      return false;
    }
    if (request.startLine().contains(PROBE)) {
      connection.getOutputStream().write(PROBE_REPLY);
      return false;
    }
    synchronized (seen) {
      seen.addAll(request.text());
    }
    if (request.end() == WireMessage.End.CUT) {
      return false;
    }
    connection.getOutputStream().write(behaviour.reply());
    if (behaviour.is(WireCase.Flag.RESET)) {
      connection.setSoLinger(true, 0);
    }
    return behaviour.is(WireCase.Flag.KEEP);
  }

  private static void endOutput(Socket connection) {
    try {
      connection.shutdownOutput();
    } catch (IOException e) {
      // Ended before.
    }
  }

  private static void end(AutoCloseable socket) {
    try {
      socket.close();
    } catch (Exception e) {
      throw new IllegalStateException("A socket that cannot be closed", e);
    }
  }
}
