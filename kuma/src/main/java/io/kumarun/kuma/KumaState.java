package io.kumarun.kuma;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How things stand with the control plane.
 *
 * @param connected the stream is open, and either was answered on or has been quiet for a while
 *     though the control plane answered an earlier one: after a reconnect it has nothing to say if
 *     nothing changed
 * @param connectedSince when that became so; null: not connected
 * @param ready a complete configuration was applied once: clusters and listeners were answered, and
 *     no listener waited. Never taken back: the last configuration is served on
 * @param lastError why the last stream, or the last attempt, ended; empty: none did
 * @param streams opened so far
 * @param nacks responses that were refused, in part or whole
 * @param waiting what is waited for: a bootstrap, a first configuration, or what a resource lacks
 *     that is not served in its newest form yet
 * @param rejected why the newest version of a resource is not in use
 */
public record KumaState(
    boolean connected,
    @Nullable Instant connectedSince,
    boolean ready,
    String lastError,
    long streams,
    long nacks,
    List<String> waiting,
    List<String> rejected) {
  static final KumaState STARTING =
      new KumaState(false, null, false, "", 0, 0, List.of(), List.of());

  public KumaState {
    waiting = List.copyOf(waiting);
    rejected = List.copyOf(rejected);
  }

  KumaState opened() {
    return new KumaState(
        connected, connectedSince, ready, lastError, streams + 1, nacks, waiting, rejected);
  }

  KumaState connected(Instant now) {
    return connected
        ? this
        : new KumaState(true, now, ready, lastError, streams, nacks, waiting, rejected);
  }

  KumaState refused() {
    return new KumaState(
        connected, connectedSince, ready, lastError, streams, nacks + 1, waiting, rejected);
  }

  KumaState assembled(boolean complete, List<String> nowWaiting, List<String> nowRejected) {
    return new KumaState(
        connected,
        connectedSince,
        ready || complete,
        lastError,
        streams,
        nacks,
        nowWaiting,
        nowRejected);
  }

  KumaState waitingFor(List<String> sentences) {
    return new KumaState(
        connected, connectedSince, ready, lastError, streams, nacks, sentences, rejected);
  }

  KumaState disconnected(String error) {
    return new KumaState(false, null, ready, error, streams, nacks, waiting, rejected);
  }
}
