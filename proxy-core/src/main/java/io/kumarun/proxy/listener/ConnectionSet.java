package io.kumarun.proxy.listener;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The open connections of a filter chain, so that they can be drained. Any thread. */
final class ConnectionSet {
  private final Set<DownstreamSession> sessions = ConcurrentHashMap.newKeySet();

  void add(DownstreamSession session) {
    sessions.add(session);
  }

  void remove(DownstreamSession session) {
    sessions.remove(session);
  }

  int size() {
    return sessions.size();
  }

  /** Asks every connection to end, and closes those that have not within {@code patience}. */
  void drain(Duration patience) {
    for (DownstreamSession session : sessions) {
      session.drain(patience);
    }
  }
}
