package io.kumarun.devmesh.scenario;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Addresses and ports that nobody else uses. Linux answers on all of 127.0.0.0/8 without set-up;
 * each process starts somewhere else in it, so that builds side by side do not meet. Any thread.
 */
final class Loopback {

  private static final int LAST = 250;
  private static final AtomicInteger NEXT =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(1, 200) * LAST * LAST);

  private static final int FIRST_PORT = 20_000;
  private static final int PORTS = 12_000;
  private static final AtomicInteger NEXT_PORT =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(PORTS));

  private Loopback() {}

  static String freshAddress() {
    int number = NEXT.getAndIncrement();
    return "127.%d.%d.%d"
        .formatted(1 + number / LAST / LAST % LAST, 1 + number / LAST % LAST, 1 + number % LAST);
  }

  /**
   * A port that nothing listens on, below those that Linux gives to outgoing connections (32768 and
   * up): a port from among them may be taken again before it is bound.
   */
  static int freePort() {
    for (int tries = 0; tries < PORTS; tries++) {
      int port = FIRST_PORT + Math.floorMod(NEXT_PORT.getAndIncrement(), PORTS);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // Taken: the next one.
      }
    }
    throw new IllegalStateException("127.0.0.1 has no free port");
  }
}
