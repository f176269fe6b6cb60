package io.kumarun.devmesh.controlplane;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Keeps to one stream per data plane: a second one is refused, and so is a reconnect of a
 * self-registered data plane until its old registration is gone (contract §1.6). Any thread.
 */
final class StreamRegistry {

  static final String REFUSAL = "there is already an active stream from this node, try again later";

  private static final long ACTIVE = Long.MAX_VALUE;

  private final long holdNanos;
  private final LongSupplier nanoClock;
  private final Map<String, Long> blockedUntil = new HashMap<>();

  StreamRegistry(Duration hold, LongSupplier nanoClock) {
    this.holdNanos = hold.toNanos();
    this.nanoClock = nanoClock;
  }

  /** Whether a stream of this node may begin now. */
  synchronized boolean begin(String nodeId) {
    Long until = blockedUntil.get(nodeId);
    if (until != null && (until == ACTIVE || nanoClock.getAsLong() - until < 0)) {
      return false;
    }
    blockedUntil.put(nodeId, ACTIVE);
    return true;
  }

  /** A stream that had begun is over. */
  synchronized void end(String nodeId, boolean selfRegistered) {
    if (selfRegistered) {
      blockedUntil.put(nodeId, nanoClock.getAsLong() + holdNanos);
    } else {
      blockedUntil.remove(nodeId);
    }
  }
}
