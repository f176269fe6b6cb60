package io.kumarun.telemetry;

import io.micrometer.core.instrument.DistributionSummary;
import java.util.concurrent.atomic.LongAdder;

/**
 * What Envoy counts for an HTTP connection manager ({@code envoy_http_*}, labelled with its {@code
 * stat_prefix}). Obtained once per stat prefix; each call is a few uncontended adds. Any thread.
 */
public final class HttpMetrics {
  private final LongAdder connections;
  private final LongAdder connectionsHttp1;
  private final LongAdder connectionsHttp2;
  private final LongAdder connectionsTls;
  private final LongAdder connectionsActive;
  private final LongAdder connectionsDestroyed;
  private final LongAdder connectionsDestroyedLocal;
  private final LongAdder connectionsDestroyedRemote;
  private final LongAdder connectionIdleTimeouts;
  private final LongAdder protocolErrors;
  private final LongAdder bytesReceived;
  private final LongAdder bytesSent;

  private final LongAdder requests;
  private final LongAdder requestsHttp1;
  private final LongAdder requestsHttp2;
  private final LongAdder requestsActive;
  private final LongAdder requestsCompleted;
  private final LongAdder[] responses;
  private final LongAdder resetsReceived;
  private final LongAdder resetsSent;
  private final LongAdder idleTimeouts;
  private final LongAdder headerTimeouts;
  private final DistributionSummary requestMillis;

  private final LongAdder noRoute;
  private final LongAdder noCluster;
  private final LongAdder rbacAllowed;
  private final LongAdder rbacDenied;

  HttpMetrics(MeterGroup meters) {
    connections = meters.counter("downstream_cx_total");
    connectionsHttp1 = meters.counter("downstream_cx_http1_total");
    connectionsHttp2 = meters.counter("downstream_cx_http2_total");
    connectionsTls = meters.counter("downstream_cx_ssl_total");
    connectionsActive = meters.level("downstream_cx_active");
    connectionsDestroyed = meters.counter("downstream_cx_destroy");
    connectionsDestroyedLocal = meters.counter("downstream_cx_destroy_local");
    connectionsDestroyedRemote = meters.counter("downstream_cx_destroy_remote");
    connectionIdleTimeouts = meters.counter("downstream_cx_idle_timeout");
    protocolErrors = meters.counter("downstream_cx_protocol_error");
    bytesReceived = meters.counter("downstream_cx_rx_bytes_total");
    bytesSent = meters.counter("downstream_cx_tx_bytes_total");
    requests = meters.counter("downstream_rq_total");
    requestsHttp1 = meters.counter("downstream_rq_http1_total");
    requestsHttp2 = meters.counter("downstream_rq_http2_total");
    requestsActive = meters.level("downstream_rq_active");
    requestsCompleted = meters.counter("downstream_rq_completed");
    responses = meters.countersByCodeClass("downstream_rq_xx");
    resetsReceived = meters.counter("downstream_rq_rx_reset");
    resetsSent = meters.counter("downstream_rq_tx_reset");
    idleTimeouts = meters.counter("downstream_rq_idle_timeout");
    headerTimeouts = meters.counter("downstream_rq_header_timeout");
    requestMillis = meters.histogram("downstream_rq_time");
    noRoute = meters.counter("no_route");
    noCluster = meters.counter("no_cluster");
    rbacAllowed = meters.counter("rbac_allowed");
    rbacDenied = meters.counter("rbac_denied");
  }

  public void connectionOpened(boolean http2, boolean tls) {
    connections.increment();
    connectionsActive.increment();
    (http2 ? connectionsHttp2 : connectionsHttp1).increment();
    if (tls) {
      connectionsTls.increment();
    }
  }

  /** Each {@link #connectionOpened} is followed by exactly one of these. */
  public void connectionClosed(boolean byPeer) {
    connectionsActive.decrement();
    connectionsDestroyed.increment();
    (byPeer ? connectionsDestroyedRemote : connectionsDestroyedLocal).increment();
  }

  public void connectionIdleTimeout() {
    connectionIdleTimeouts.increment();
  }

  public void protocolError() {
    protocolErrors.increment();
  }

  public void bytesReceived(long bytes) {
    bytesReceived.add(bytes);
  }

  public void bytesSent(long bytes) {
    bytesSent.add(bytes);
  }

  /** A request head arrived. Ends with {@link #requestEnded}. */
  public void requestStarted(boolean http2) {
    requests.increment();
    requestsActive.increment();
    (http2 ? requestsHttp2 : requestsHttp1).increment();
  }

  /**
   * The exchange is over.
   *
   * @param status of the response; 0 if none began
   * @param millis since the request began
   */
  public void requestEnded(int status, long millis) {
    requestsActive.decrement();
    requestMillis.record(millis);
    if (status > 0) {
      requestsCompleted.increment();
      MeterGroup.count(responses, status);
    }
  }

  /** The peer reset a stream, or went away in the middle of it. */
  public void resetReceived() {
    resetsReceived.increment();
  }

  public void resetSent() {
    resetsSent.increment();
  }

  public void idleTimeout() {
    idleTimeouts.increment();
  }

  public void headerTimeout() {
    headerTimeouts.increment();
  }

  public void noRoute() {
    noRoute.increment();
  }

  public void noCluster() {
    noCluster.increment();
  }

  public void rbacAllowed() {
    rbacAllowed.increment();
  }

  public void rbacDenied() {
    rbacDenied.increment();
  }
}
