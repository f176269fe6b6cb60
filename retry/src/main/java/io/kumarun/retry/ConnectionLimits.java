package io.kumarun.retry;

/**
 * Envoy's circuit-breaker thresholds of a cluster (priority DEFAULT). Defaults are Envoy's own:
 * 1024 connections, pending requests and requests, 3 retries
 * (config.cluster.v3.CircuitBreakers.Thresholds).
 */
public record ConnectionLimits(
    int maxConnections, int maxPendingRequests, int maxRequests, int maxRetries) {
  public static final ConnectionLimits DEFAULT = new ConnectionLimits(1024, 1024, 1024, 3);
}
