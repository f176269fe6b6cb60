package io.kumarun.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A TCP application on 127.0.0.1 whose manners the first byte of a connection chooses: {@code e}
 * echoes, {@code a} reads to the end and then answers with what it read and a mebibyte more, {@code
 * h} says something, half-closes, and counts what still comes, {@code c} says something and closes.
 */
final class ScriptedTcpApplication implements AutoCloseable {
  private static final int MEBIBYTE = 1024 * 1024;

  private final ServerSocket server;
  private final BlockingQueue<Integer> counted = new LinkedBlockingQueue<>();

  private ScriptedTcpApplication() {
    try {
      server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  static ScriptedTcpApplication start() {
    return new ScriptedTcpApplication();
  }

  int port() {
    return server.getLocalPort();
  }

  /** How many bytes came after a half-close of manner {@code h}; -1 if that is not over in time. */
  int receivedAfterHalfClose() throws InterruptedException {
    Integer count = counted.poll(10, TimeUnit.SECONDS);
    return count == null ? -1 : count;
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket connection = server.accept();
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      InputStream in = connection.getInputStream();
      OutputStream out = connection.getOutputStream();
      switch (in.read()) {
        case 'e' -> in.transferTo(out);
        case 'a' -> {
          byte[] all = in.readAllBytes();
          out.write(all);
          out.write(new byte[MEBIBYTE]);
        }
        case 'h' -> {
          out.write("that is all".getBytes(StandardCharsets.US_ASCII));
          connection.shutdownOutput();
          counted.add(in.readAllBytes().length);
        }
        case 'c' -> out.write("bye".getBytes(StandardCharsets.US_ASCII));
        default -> {}
      }
    } catch (IOException e) {
      // The other side went away, which it may.
    }
  }
}
