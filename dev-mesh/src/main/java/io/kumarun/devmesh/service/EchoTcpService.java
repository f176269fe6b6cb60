package io.kumarun.devmesh.service;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A TCP application on 127.0.0.1 that greets with one line, its name, and then sends back whatever
 * comes, until the other side closes. Any thread.
 */
public final class EchoTcpService implements AutoCloseable {

  private final String name;
  private final ServerSocket server;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();

  private EchoTcpService(String name, int port) {
    this.name = name;
    try {
      server = new ServerSocket(port, 0, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot listen on port " + port, e);
    }
    Thread.ofVirtual().name(name).start(this::accept);
  }

  /** Starts on any free port. */
  public static EchoTcpService start(String name) {
    return new EchoTcpService(name, 0);
  }

  public int port() {
    return server.getLocalPort();
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket connection : connections) {
        connection.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(name + " could not be closed", e);
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket connection = server.accept();
        connections.add(connection);
        Thread.ofVirtual().start(() -> echo(connection));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void echo(Socket connection) {
    try (connection) {
      connection.getOutputStream().write((name + "\n").getBytes(StandardCharsets.UTF_8));
      connection.getInputStream().transferTo(connection.getOutputStream());
    } catch (IOException e) {
      // The other side went away, which it may.
    } finally {
      connections.remove(connection);
    }
  }
}
