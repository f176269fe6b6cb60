package io.kumarun.e2e;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Listens on 127.0.0.1, reads one TLS record of each connection, and hangs up. */
final class ClientHelloRecorder implements AutoCloseable {
  private static final int HANDSHAKE = 22;

  private final ServerSocket server;
  private final BlockingQueue<ClientHelloOnTheWire> hellos = new LinkedBlockingQueue<>();

  private ClientHelloRecorder() {
    try {
      server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  static ClientHelloRecorder start() {
    return new ClientHelloRecorder();
  }

  int port() {
    return server.getLocalPort();
  }

  ClientHelloOnTheWire awaitHello() throws InterruptedException {
    ClientHelloOnTheWire hello = hellos.poll(10, TimeUnit.SECONDS);
    if (hello == null) {
      throw new AssertionError("no ClientHello came");
    }
    return hello;
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
      try (Socket connection = server.accept()) {
        DataInputStream in = new DataInputStream(connection.getInputStream());
        int type = in.readUnsignedByte();
        in.readUnsignedShort(); // the version of the record says nothing
        byte[] message = new byte[in.readUnsignedShort()];
        in.readFully(message);
        if (type == HANDSHAKE) {
          hellos.add(ClientHelloOnTheWire.read(message));
        }
      } catch (IOException e) {
        // Closed, or a peer that had nothing to say.
      }
    }
  }
}
