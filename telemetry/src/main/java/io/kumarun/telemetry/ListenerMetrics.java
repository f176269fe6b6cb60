package io.kumarun.telemetry;

import java.util.concurrent.atomic.LongAdder;

/**
 * What Envoy counts for a listener ({@code envoy_listener_*}, labelled with its address). Any
 * thread.
 */
public final class ListenerMetrics {
  private final LongAdder connections;
  private final LongAdder connectionsActive;
  private final LongAdder connectionsDestroyed;
  private final LongAdder noFilterChainMatch;
  private final LongAdder handshakes;
  private final LongAdder handshakeErrors;
  private final LongAdder certificatesMissing;
  private final LongAdder certificatesRefused;
  private final LongAdder sanFailures;

  ListenerMetrics(MeterGroup meters) {
    connections = meters.counter("downstream_cx_total");
    connectionsActive = meters.level("downstream_cx_active");
    connectionsDestroyed = meters.counter("downstream_cx_destroy");
    noFilterChainMatch = meters.counter("no_filter_chain_match");
    handshakes = meters.counter("ssl_handshake");
    handshakeErrors = meters.counter("ssl_connection_error");
    certificatesMissing = meters.counter("ssl_fail_verify_no_cert");
    certificatesRefused = meters.counter("ssl_fail_verify_error");
    sanFailures = meters.counter("ssl_fail_verify_san");
  }

  public void connectionOpened() {
    connections.increment();
    connectionsActive.increment();
  }

  /** Each {@link #connectionOpened} is followed by exactly one of these. */
  public void connectionClosed() {
    connectionsActive.decrement();
    connectionsDestroyed.increment();
  }

  public void noFilterChainMatch() {
    noFilterChainMatch.increment();
  }

  public void sslHandshake() {
    handshakes.increment();
  }

  /** For another reason than the certificate of the peer, which the next three count. */
  public void sslHandshakeFailed() {
    handshakeErrors.increment();
  }

  /** The peer showed no certificate where one is required. */
  public void sslCertificateMissing() {
    certificatesMissing.increment();
  }

  /** The certificate of the peer leads to no authority that is trusted, or is not valid. */
  public void sslCertificateRefused() {
    certificatesRefused.increment();
  }

  /** The certificate of the peer carries no identity that the listener accepts. */
  public void sslSanRefused() {
    sanFailures.increment();
  }
}
