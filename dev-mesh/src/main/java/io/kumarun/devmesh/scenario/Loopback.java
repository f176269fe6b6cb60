package io.kumarun.devmesh.scenario;

import java.io.IOException;
import java.io.UncheckedIOException;
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

  private Loopback() {}

  static String freshAddress() {
    int number = NEXT.getAndIncrement();
    return "127.%d.%d.%d"
        .formatted(1 + number / LAST / LAST % LAST, 1 + number / LAST % LAST, 1 + number % LAST);
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("127.0.0.1 has no free port", e);
    }
  }
}
