package io.kumarun.telemetry;

import io.micrometer.core.instrument.DistributionSummary;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The meters of a cluster that has been used: some fifty, with names and labels of their own, which
 * a cluster that nobody calls does not need. Any thread.
 */
final class ClusterCounters {
  final LongAdder connections;
  final LongAdder connectionsHttp1;
  final LongAdder connectionsHttp2;
  final LongAdder connectionsActive;
  final LongAdder connectFailures;
  final LongAdder connectTimeouts;
  final LongAdder connectionOverflows;
  final LongAdder connectionsDestroyed;
  final LongAdder connectionsDestroyedLocal;
  final LongAdder connectionsDestroyedRemote;
  final LongAdder connectionIdleTimeouts;
  final LongAdder connectionProtocolErrors;
  final LongAdder bytesReceived;
  final LongAdder bytesSent;
  final DistributionSummary connectMillis;
  final DistributionSummary connectionMillis;

  final LongAdder handshakes;
  final LongAdder handshakeErrors;
  final LongAdder sanFailures;
  final LongAdder certificatesRefused;

  final LongAdder requests;
  final LongAdder requestsActive;
  final LongAdder requestsCompleted;
  final LongAdder[] responses;
  final LongAdder pending;
  final LongAdder pendingActive;
  final LongAdder pendingOverflows;
  final LongAdder timeouts;
  final LongAdder cancelled;
  final LongAdder maxDurationReached;
  final LongAdder resetsReceived;
  final LongAdder resetsSent;
  final LongAdder retries;
  final LongAdder retrySuccesses;
  final LongAdder retryOverflows;
  final LongAdder resent;
  final LongAdder noneHealthy;
  final DistributionSummary requestMillis;

  /**
   * Registers them.
   *
   * @param capacity what the circuit-breaker gauges show
   */
  ClusterCounters(MeterGroup meters, Supplier<ClusterMetrics.RemainingCapacity> capacity) {
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
    resent = meters.ownCounter("upstream_rq_resent_total");
    noneHealthy = meters.counter("upstream_cx_none_healthy");
    requestMillis = meters.histogram("upstream_rq_time");
    String breakers = "circuit_breakers_default_";
    meters.gauge(breakers + "remaining_cx", () -> capacity.get().connections().getAsLong());
    meters.gauge(breakers + "remaining_pending", () -> capacity.get().pending().getAsLong());
    meters.gauge(breakers + "remaining_rq", () -> capacity.get().requests().getAsLong());
    meters.gauge(breakers + "remaining_retries", () -> capacity.get().retries().getAsLong());
    meters.gauge(breakers + "cx_open", () -> open(capacity.get().connections()));
    meters.gauge(breakers + "rq_pending_open", () -> open(capacity.get().pending()));
    meters.gauge(breakers + "rq_open", () -> open(capacity.get().requests()));
    meters.gauge(breakers + "rq_retry_open", () -> open(capacity.get().retries()));
  }

  private static int open(LongSupplier remaining) {
    return remaining.getAsLong() > 0 ? 0 : 1;
  }
}
