package io.kumarun.telemetry;

import java.util.concurrent.atomic.LongAdder;

/**
 * What Envoy counts for a TCP proxy ({@code envoy_tcp_*}, labelled with its {@code stat_prefix}).
 * Any thread.
 */
public final class TcpMetrics {
  private final LongAdder connections;
  private final LongAdder noRoute;
  private final LongAdder bytesReceived;
  private final LongAdder bytesSent;

  TcpMetrics(MeterGroup meters) {
    connections = meters.counter("downstream_cx_total");
    noRoute = meters.counter("downstream_cx_no_route");
    bytesReceived = meters.counter("downstream_cx_rx_bytes_total");
    bytesSent = meters.counter("downstream_cx_tx_bytes_total");
  }

  public void connectionOpened() {
    connections.increment();
  }

  /** The cluster does not exist. */
  public void noRoute() {
    noRoute.increment();
  }

  public void bytesReceived(long bytes) {
    bytesReceived.add(bytes);
  }

  public void bytesSent(long bytes) {
    bytesSent.add(bytes);
  }
}
