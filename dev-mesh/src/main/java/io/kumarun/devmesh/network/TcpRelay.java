package io.kumarun.devmesh.network;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A way to a server that can fail as networks do: a port on 127.0.0.1 whose connections go on to a
 * port there. Counts what passes. Any thread.
 */
public final class TcpRelay implements AutoCloseable {

  private static final int CHUNK = 16 * 1024;

  /** One connection: what the client has, and what the server has. */
  private record Pair(Socket client, Socket server, AtomicInteger ended) {
    void close() {
      TcpRelay.close(client);
      TcpRelay.close(server);
    }

    /** With a reset, as from a firewall that lost its state. */
    void reset() {
      try {
        client.setSoLinger(true, 0);
        server.setSoLinger(true, 0);
      } catch (IOException e) {
        // Closed already.
      }
      close();
    }
  }

  private final ServerSocket listener;
  private final InetSocketAddress target;
  private final Set<Pair> pairs = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicLong toClients = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition opened = lock.newCondition();
  private boolean blocked;
  private volatile boolean refusing;

  private TcpRelay(ServerSocket listener, InetSocketAddress target) {
    this.listener = listener;
    this.target = target;
  }

  /** Starts one on any free port. */
  public static TcpRelay to(int port) {
    try {
      InetAddress loopback = InetAddress.getLoopbackAddress();
      TcpRelay relay =
          new TcpRelay(new ServerSocket(0, 50, loopback), new InetSocketAddress(loopback, port));
      Thread.ofVirtual().name("relay").start(relay::accept);
      return relay;
    } catch (IOException e) {
      throw new UncheckedIOException("A relay to port " + port + " cannot listen", e);
    }
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Connections so far. */
  public int accepted() {
    return accepted.get();
  }

  /** Connections at the moment. */
  public int connections() {
    return pairs.size();
  }

  /** Bytes that went from the server to clients so far. */
  public long bytesToClients() {
    return toClients.get();
  }

  /** Breaks all connections with a reset; new ones pass. */
  public void cut() {
    pairs.forEach(Pair::reset);
  }

  /** Breaks all connections, and each new one as soon as it is there, until {@link #restore}. */
  public void refuse() {
    refusing = true;
    cut();
  }

  /** Takes bytes no further, in either direction and on any connection, until {@link #restore}. */
  public void swallow() {
    lock.lock();
    try {
      blocked = true;
    } finally {
      lock.unlock();
    }
  }

  /** Tells the server that its clients are gone; they hear of it when they say something. */
  public void cutServerSide() {
    pairs.forEach(pair -> close(pair.server()));
  }

  /** Lets everything pass, also what was held back. */
  public void restore() {
    refusing = false;
    lock.lock();
    try {
      blocked = false;
      opened.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    close(listener);
    pairs.forEach(Pair::close);
    restore();
  }

  private void accept() {
    while (true) {
      Socket client;
      try {
        client = listener.accept();
      } catch (IOException e) {
        return;
      }
      accepted.incrementAndGet();
      if (refusing) {
        close(client);
        continue;
      }
      try {
        Socket server = new Socket(target.getAddress(), target.getPort());
        Pair pair = new Pair(client, server, new AtomicInteger());
        pairs.add(pair);
        Thread.ofVirtual().start(() -> pass(pair, client, server, new AtomicLong(), true));
        Thread.ofVirtual().start(() -> pass(pair, server, client, toClients, false));
      } catch (IOException e) {
        close(client);
      }
    }
  }

  private void pass(Pair pair, Socket from, Socket to, AtomicLong count, boolean request) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] chunk = new byte[CHUNK];
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        awaitOpen();
        out.write(chunk, 0, read);
        count.addAndGet(read);
      }
      awaitOpen();
      to.shutdownOutput();
    } catch (IOException e) {
      // A connection whose server side was cut stays half: its client is not told.
      if (request || !pair.server().isClosed()) {
        pair.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (pair.ended().incrementAndGet() == 2) {
      pair.close();
      pairs.remove(pair);
    }
  }

  private void awaitOpen() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (blocked) {
        opened.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private static void close(AutoCloseable socket) {
    try {
      socket.close();
    } catch (Exception e) {
      throw new IllegalStateException("A socket cannot be closed", e);
    }
  }
}
