package io.kumarun.proxy.config;

import io.kumarun.retry.ConnectionLimits;
import io.kumarun.tls.ClientTls;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A service and its endpoints.
 *
 * @param statName names the cluster in metrics ({@code alt_stat_name}, or its name)
 * @param protocol what the endpoints speak
 * @param tls null: cleartext
 * @param connectTimeout positive
 * @param idleTimeout of a connection without streams; zero: off
 * @param maxConnectionDuration zero: off
 * @param maxStreamDuration zero: off
 */
public record ClusterConfig(
    String name,
    String statName,
    Protocol protocol,
    Discovery discovery,
    @Nullable ClientTls tls,
    Duration connectTimeout,
    Duration idleTimeout,
    Duration maxConnectionDuration,
    Duration maxStreamDuration,
    ConnectionLimits limits,
    List<EndpointConfig> endpoints) {

  /** What is spoken to the endpoints. */
  public enum Protocol {
    HTTP1,
    HTTP2
  }

  /** Whether endpoint hosts may be names. */
  public enum Discovery {
    /** Endpoints are addresses (EDS, STATIC). */
    ADDRESSES,
    /** Endpoints are names, resolved again and again; every address is an endpoint (STRICT_DNS). */
    DNS
  }

  public ClusterConfig {
    endpoints = List.copyOf(endpoints);
  }
}
