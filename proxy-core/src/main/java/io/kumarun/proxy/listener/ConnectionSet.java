package io.kumarun.proxy.listener;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The open connections of a filter chain, so that they can be drained. Any thread. */
final class ConnectionSet {
  private final Set<DownstreamSession> sessions = ConcurrentHashMap.newKeySet();
  private volatile long drainDeadlineNanos;
  private volatile boolean draining;
  private volatile boolean asked;

  /**
   * Adds a connection. One that chose its chain just before the chain was replaced (its first bytes
   * were long in coming, perhaps) comes too late for {@link #drain}, and drains at once.
   */
  void add(DownstreamSession session) {
    sessions.add(session);
    if (draining) {
      long left = drainDeadlineNanos - System.nanoTime();
      session.drain(Duration.ofNanos(Math.max(0, left)));
    } else if (asked) {
      session.askToEnd();
    }
  }

  void remove(DownstreamSession session) {
    sessions.remove(session);
  }

  int size() {
    return sessions.size();
  }

  /** Asks every connection, and those to come, to end. */
  void askToEnd() {
    asked = true;
    for (DownstreamSession session : sessions) {
      session.askToEnd();
    }
  }

  /**
   * Asks every connection, and those to come, to end, and closes those that have not within {@code
   * patience}.
   */
  void drain(Duration patience) {
    drainDeadlineNanos = System.nanoTime() + patience.toNanos();
    draining = true;
    for (DownstreamSession session : sessions) {
      session.drain(patience);
    }
  }
}
