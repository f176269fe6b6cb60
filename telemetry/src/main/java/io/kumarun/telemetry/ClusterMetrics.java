package io.kumarun.telemetry;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What Envoy counts for an upstream cluster ({@code envoy_cluster_*}, "Cluster manager statistics"
 * in Envoy's documentation). Obtained once per cluster; each call is a few uncontended adds. Any
 * thread. Times are milliseconds.
 *
 * <p>Before the first use of a cluster only its members are exported: a mesh has thousands of
 * clusters of which a sidecar calls a few. It is as with Envoy's {@code usedonly}, by which Kuma
 * scrapes.
 */
public final class ClusterMetrics {
  private MeterGroup meters;

  private volatile @Nullable ClusterCounters counters;
  private volatile int membershipTotal;
  private volatile int membershipHealthy;
  private volatile RemainingCapacity capacity = RemainingCapacity.UNKNOWN;

  ClusterMetrics(MeterGroup meters) {
    this.meters = meters;
    meters.gauge("membership_total", () -> membershipTotal);
    meters.gauge("membership_healthy", () -> membershipHealthy);
  }

  /** A connection attempt begins: Envoy counts it from here, whether it succeeds or not. */
  public void connectionOpened(boolean http2) {
    used().connections.increment();
    used().connectionsActive.increment();
    (http2 ? used().connectionsHttp2 : used().connectionsHttp1).increment();
  }

  /** The connection is usable: TCP and TLS are done. */
  public void connected(long millis) {
    used().connectMillis.record(millis);
  }

  /**
   * Each {@link #connectionOpened} is followed by exactly one of these, also after a failed
   * attempt.
   */
  public void connectionClosed(boolean byPeer, long millis) {
    used().connectionsActive.decrement();
    used().connectionsDestroyed.increment();
    (byPeer ? used().connectionsDestroyedRemote : used().connectionsDestroyedLocal).increment();
    used().connectionMillis.record(millis);
  }

  /** The attempt failed: refused, unreachable, TLS refused, or timed out. */
  public void connectFailed() {
    used().connectFailures.increment();
  }

  /** In addition to {@link #connectFailed}. */
  public void connectTimedOut() {
    used().connectTimeouts.increment();
  }

  /** The limit of connections was reached. */
  public void connectionOverflow() {
    used().connectionOverflows.increment();
  }

  public void connectionIdleTimeout() {
    used().connectionIdleTimeouts.increment();
  }

  public void protocolError() {
    used().connectionProtocolErrors.increment();
  }

  public void bytesReceived(long bytes) {
    used().bytesReceived.add(bytes);
  }

  public void bytesSent(long bytes) {
    used().bytesSent.add(bytes);
  }

  public void sslHandshake() {
    used().handshakes.increment();
  }

  /** For another reason than the certificate of the peer, which the next two count. */
  public void sslHandshakeFailed() {
    used().handshakeErrors.increment();
  }

  /** The certificate of the peer leads to no authority that is trusted, or is not valid. */
  public void sslCertificateRefused() {
    used().certificatesRefused.increment();
  }

  /** The certificate of the peer carries no identity that the cluster accepts. */
  public void sslSanRefused() {
    used().sanFailures.increment();
  }

  /** The request was given to a connection. Ends with {@link #requestEnded}. */
  public void requestStarted() {
    used().requests.increment();
    used().requestsActive.increment();
  }

  public void requestEnded() {
    used().requestsActive.decrement();
  }

  /** A response head arrived, or was made up by this proxy in the name of the cluster. */
  public void response(int status) {
    used().requestsCompleted.increment();
    MeterGroup.count(used().responses, status);
  }

  /** From the end of the request to the end of the response. */
  public void responseTime(long millis) {
    used().requestMillis.record(millis);
  }

  /** The request waits for a connection. Ends with {@link #pendingEnded}. */
  public void pendingStarted() {
    used().pending.increment();
    used().pendingActive.increment();
  }

  public void pendingEnded() {
    used().pendingActive.decrement();
  }

  /** The limit of pending requests or of requests was reached. */
  public void pendingOverflow() {
    used().pendingOverflows.increment();
  }

  public void requestTimedOut() {
    used().timeouts.increment();
  }

  /** Given up before a connection was there. */
  public void requestCancelled() {
    used().cancelled.increment();
  }

  public void maxDurationReached() {
    used().maxDurationReached.increment();
  }

  public void resetReceived() {
    used().resetsReceived.increment();
  }

  public void resetSent() {
    used().resetsSent.increment();
  }

  public void retried() {
    used().retries.increment();
  }

  /** In addition to {@link #retried}: no policy asked for it, the connection was stale. */
  public void resent() {
    used().resent.increment();
  }

  public void retrySucceeded() {
    used().retrySuccesses.increment();
  }

  public void retryOverflow() {
    used().retryOverflows.increment();
  }

  /** No endpoint could be chosen. */
  public void noneHealthy() {
    used().noneHealthy.increment();
  }

  /** How many endpoints there are, and how many of them may be chosen. */
  public void membership(int total, int healthy) {
    membershipTotal = total;
    membershipHealthy = healthy;
  }

  /** Where the circuit-breaker gauges are read from, at each scrape. */
  public void capacity(RemainingCapacity remaining) {
    capacity = remaining;
  }

  synchronized void drop() {
    meters.drop();
    // Who still counts counts for nobody.
    meters = MeterGroup.unregistered();
  }

  private ClusterCounters used() {
    ClusterCounters present = counters;
    return present == null ? begin() : present;
  }

  private synchronized ClusterCounters begin() {
    ClusterCounters present = counters;
    if (present == null) {
      present = new ClusterCounters(meters, () -> capacity);
      counters = present;
    }
    return present;
  }

  /** What is left of the limits of a cluster. Called by the thread that scrapes. */
  public record RemainingCapacity(
      LongSupplier connections, LongSupplier pending, LongSupplier requests, LongSupplier retries) {

    /** Before the data path has said anything: Envoy's default limits, unused. */
    static final RemainingCapacity UNKNOWN =
        new RemainingCapacity(() -> 1024, () -> 1024, () -> 1024, () -> 3);
  }
}
