package io.kumarun.telemetry;

import io.micrometer.core.instrument.DistributionSummary;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * What Envoy counts for an upstream cluster ({@code envoy_cluster_*}, "Cluster manager statistics"
 * in Envoy's documentation). Obtained once per cluster; each call is a few uncontended adds. Any
 * thread. Times are milliseconds.
 */
public final class ClusterMetrics {
  private final MeterGroup meters;

  private final LongAdder connections;
  private final LongAdder connectionsHttp1;
  private final LongAdder connectionsHttp2;
  private final LongAdder connectionsActive;
  private final LongAdder connectFailures;
  private final LongAdder connectTimeouts;
  private final LongAdder connectionOverflows;
  private final LongAdder connectionsDestroyed;
  private final LongAdder connectionsDestroyedLocal;
  private final LongAdder connectionsDestroyedRemote;
  private final LongAdder connectionIdleTimeouts;
  private final LongAdder connectionProtocolErrors;
  private final LongAdder bytesReceived;
  private final LongAdder bytesSent;
  private final DistributionSummary connectMillis;
  private final DistributionSummary connectionMillis;

  private final LongAdder handshakes;
  private final LongAdder handshakeErrors;
  private final LongAdder sanFailures;
  private final LongAdder certificatesRefused;

  private final LongAdder requests;
  private final LongAdder requestsActive;
  private final LongAdder requestsCompleted;
  private final LongAdder[] responses;
  private final LongAdder pending;
  private final LongAdder pendingActive;
  private final LongAdder pendingOverflows;
  private final LongAdder timeouts;
  private final LongAdder cancelled;
  private final LongAdder maxDurationReached;
  private final LongAdder resetsReceived;
  private final LongAdder resetsSent;
  private final LongAdder retries;
  private final LongAdder retrySuccesses;
  private final LongAdder retryOverflows;
  private final LongAdder noneHealthy;
  private final DistributionSummary requestMillis;

  private volatile int membershipTotal;
  private volatile int membershipHealthy;
  private volatile RemainingCapacity capacity = RemainingCapacity.UNKNOWN;

  ClusterMetrics(MeterGroup meters) {
    this.meters = meters;
    connections = meters.counter("upstream_cx_total");
    connectionsHttp1 = meters.counter("upstream_cx_http1_total");
    connectionsHttp2 = meters.counter("upstream_cx_http2_total");
    connectionsActive = meters.level("upstream_cx_active");
    connectFailures = meters.counter("upstream_cx_connect_fail");
    connectTimeouts = meters.counter("upstream_cx_connect_timeout");
    connectionOverflows = meters.counter("upstream_cx_overflow");
    connectionsDestroyed = meters.counter("upstream_cx_destroy");
    connectionsDestroyedLocal = meters.counter("upstream_cx_destroy_local");
    connectionsDestroyedRemote = meters.counter("upstream_cx_destroy_remote");
    connectionIdleTimeouts = meters.counter("upstream_cx_idle_timeout");
    connectionProtocolErrors = meters.counter("upstream_cx_protocol_error");
    bytesReceived = meters.counter("upstream_cx_rx_bytes_total");
    bytesSent = meters.counter("upstream_cx_tx_bytes_total");
    connectMillis = meters.histogram("upstream_cx_connect_ms");
    connectionMillis = meters.histogram("upstream_cx_length_ms");
    handshakes = meters.counter("ssl_handshake");
    handshakeErrors = meters.counter("ssl_connection_error");
    sanFailures = meters.counter("ssl_fail_verify_san");
    certificatesRefused = meters.counter("ssl_fail_verify_error");
    requests = meters.counter("upstream_rq_total");
    requestsActive = meters.level("upstream_rq_active");
    requestsCompleted = meters.counter("upstream_rq_completed");
    responses = meters.countersByCodeClass("upstream_rq_xx");
    pending = meters.counter("upstream_rq_pending_total");
    pendingActive = meters.level("upstream_rq_pending_active");
    pendingOverflows = meters.counter("upstream_rq_pending_overflow");
    timeouts = meters.counter("upstream_rq_timeout");
    cancelled = meters.counter("upstream_rq_cancelled");
    maxDurationReached = meters.counter("upstream_rq_max_duration_reached");
    resetsReceived = meters.counter("upstream_rq_rx_reset");
    resetsSent = meters.counter("upstream_rq_tx_reset");
    retries = meters.counter("upstream_rq_retry");
    retrySuccesses = meters.counter("upstream_rq_retry_success");
    retryOverflows = meters.counter("upstream_rq_retry_overflow");
    noneHealthy = meters.counter("upstream_cx_none_healthy");
    requestMillis = meters.histogram("upstream_rq_time");
    meters.gauge("membership_total", () -> membershipTotal);
    meters.gauge("membership_healthy", () -> membershipHealthy);
    String breakers = "circuit_breakers_default_";
    meters.gauge(breakers + "remaining_cx", () -> capacity.connections().getAsLong());
    meters.gauge(breakers + "remaining_pending", () -> capacity.pending().getAsLong());
    meters.gauge(breakers + "remaining_rq", () -> capacity.requests().getAsLong());
    meters.gauge(breakers + "remaining_retries", () -> capacity.retries().getAsLong());
    meters.gauge(breakers + "cx_open", () -> open(capacity.connections()));
    meters.gauge(breakers + "rq_pending_open", () -> open(capacity.pending()));
    meters.gauge(breakers + "rq_open", () -> open(capacity.requests()));
    meters.gauge(breakers + "rq_retry_open", () -> open(capacity.retries()));
  }

  /** A connection attempt begins: Envoy counts it from here, whether it succeeds or not. */
  public void connectionOpened(boolean http2) {
    connections.increment();
    connectionsActive.increment();
    (http2 ? connectionsHttp2 : connectionsHttp1).increment();
  }

  /** The connection is usable: TCP and TLS are done. */
  public void connected(long millis) {
    connectMillis.record(millis);
  }

  /**
   * Each {@link #connectionOpened} is followed by exactly one of these, also after a failed
   * attempt.
   */
  public void connectionClosed(boolean byPeer, long millis) {
    connectionsActive.decrement();
    connectionsDestroyed.increment();
    (byPeer ? connectionsDestroyedRemote : connectionsDestroyedLocal).increment();
    connectionMillis.record(millis);
  }

  /** The attempt failed: refused, unreachable, TLS refused, or timed out. */
  public void connectFailed() {
    connectFailures.increment();
  }

  /** In addition to {@link #connectFailed}. */
  public void connectTimedOut() {
    connectTimeouts.increment();
  }

  /** The limit of connections was reached. */
  public void connectionOverflow() {
    connectionOverflows.increment();
  }

  public void connectionIdleTimeout() {
    connectionIdleTimeouts.increment();
  }

  public void protocolError() {
    connectionProtocolErrors.increment();
  }

  public void bytesReceived(long bytes) {
    bytesReceived.add(bytes);
  }

  public void bytesSent(long bytes) {
    bytesSent.add(bytes);
  }

  public void sslHandshake() {
    handshakes.increment();
  }

  /** For another reason than the certificate of the peer, which the next two count. */
  public void sslHandshakeFailed() {
    handshakeErrors.increment();
  }

  /** The certificate of the peer leads to no authority that is trusted, or is not valid. */
  public void sslCertificateRefused() {
    certificatesRefused.increment();
  }

  /** The certificate of the peer carries no identity that the cluster accepts. */
  public void sslSanRefused() {
    sanFailures.increment();
  }

  /** The request was given to a connection. Ends with {@link #requestEnded}. */
  public void requestStarted() {
    requests.increment();
    requestsActive.increment();
  }

  public void requestEnded() {
    requestsActive.decrement();
  }

  /** A response head arrived, or was made up by this proxy in the name of the cluster. */
  public void response(int status) {
    requestsCompleted.increment();
    MeterGroup.count(responses, status);
  }

  /** From the end of the request to the end of the response. */
  public void responseTime(long millis) {
    requestMillis.record(millis);
  }

  /** The request waits for a connection. Ends with {@link #pendingEnded}. */
  public void pendingStarted() {
    pending.increment();
    pendingActive.increment();
  }

  public void pendingEnded() {
    pendingActive.decrement();
  }

  /** The limit of pending requests or of requests was reached. */
  public void pendingOverflow() {
    pendingOverflows.increment();
  }

  public void requestTimedOut() {
    timeouts.increment();
  }

  /** Given up before a connection was there. */
  public void requestCancelled() {
    cancelled.increment();
  }

  public void maxDurationReached() {
    maxDurationReached.increment();
  }

  public void resetReceived() {
    resetsReceived.increment();
  }

  public void resetSent() {
    resetsSent.increment();
  }

  public void retried() {
    retries.increment();
  }

  public void retrySucceeded() {
    retrySuccesses.increment();
  }

  public void retryOverflow() {
    retryOverflows.increment();
  }

  /** No endpoint could be chosen. */
  public void noneHealthy() {
    noneHealthy.increment();
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

  void drop() {
    meters.drop();
  }

  private static int open(LongSupplier remaining) {
    return remaining.getAsLong() > 0 ? 0 : 1;
  }

  /** What is left of the limits of a cluster. Called by the thread that scrapes. */
  public record RemainingCapacity(
      LongSupplier connections, LongSupplier pending, LongSupplier requests, LongSupplier retries) {

    /** Before the data path has said anything: Envoy's default limits, unused. */
    static final RemainingCapacity UNKNOWN =
        new RemainingCapacity(() -> 1024, () -> 1024, () -> 1024, () -> 3);
  }
}
