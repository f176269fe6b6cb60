package io.kumarun.retry;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How much of a cluster's circuit-breaker limits is in use, over all event loops of the process
 * (config.cluster.v3.CircuitBreakers). Any thread.
 *
 * <p>Every successful {@code tryAcquire…} is paired with exactly one {@code release…} of the same
 * kind. A limit is exact: a taker first adds one and takes it back if that went over the limit, so
 * of several racing takers never more than the limit stay. Around the limit a taker may be refused
 * although another one is just about to give its place back; Envoy's workers see the same.
 *
 * <p>A refusal is an overflow: 503 with flag UO for a request, no retry for a retry. Envoy treats
 * the limit of connections more softly: where a host has no connection at all, one is opened over
 * the limit, so that requests do not wait for ever ({@link #acquireConnectionOverLimit}).
 */
public final class ConnectionBudget {
  private final ConnectionLimits limits;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger pending = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger retries = new AtomicInteger();

  public ConnectionBudget(ConnectionLimits limits) {
    this.limits = limits;
  }

  public boolean tryAcquireConnection() {
    return tryAcquire(connections, limits.maxConnections());
  }

  /** Takes a connection whatever the limit says; to be released as any other. */
  public void acquireConnectionOverLimit() {
    connections.incrementAndGet();
  }

  public void releaseConnection() {
    release(connections, "connection");
  }

  /** For a request that waits for a connection. */
  public boolean tryAcquirePending() {
    return tryAcquire(pending, limits.maxPendingRequests());
  }

  public void releasePending() {
    release(pending, "pending request");
  }

  /** For a request that is on a connection. */
  public boolean tryAcquireRequest() {
    return tryAcquire(requests, limits.maxRequests());
  }

  public void releaseRequest() {
    release(requests, "request");
  }

  /** For a retry, from the decision until its response began. */
  public boolean tryAcquireRetry() {
    return tryAcquire(retries, limits.maxRetries());
  }

  public void releaseRetry() {
    release(retries, "retry");
  }

  /** Never negative, also while {@link #acquireConnectionOverLimit} is in use. */
  public int remainingConnections() {
    return remaining(connections, limits.maxConnections());
  }

  public int remainingPending() {
    return remaining(pending, limits.maxPendingRequests());
  }

  public int remainingRequests() {
    return remaining(requests, limits.maxRequests());
  }

  public int remainingRetries() {
    return remaining(retries, limits.maxRetries());
  }

  private static boolean tryAcquire(AtomicInteger used, int limit) {
    if (used.incrementAndGet() <= limit) {
      return true;
    }
    used.decrementAndGet();
    return false;
  }

  private static void release(AtomicInteger used, String what) {
    if (used.decrementAndGet() < 0) {
      used.incrementAndGet();
      throw new IllegalStateException("a " + what + " was released that nobody had acquired");
    }
  }

  private static int remaining(AtomicInteger used, int limit) {
    return Math.max(0, limit - used.get());
  }
}
