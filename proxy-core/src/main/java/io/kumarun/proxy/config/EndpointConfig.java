package io.kumarun.proxy.config;

import java.util.Map;

/**
 * One address of a cluster.
 *
 * @param weight at least 1
 * @param priority 0 is tried first
 * @param healthy what the control plane says (EDS {@code health_status})
 * @param zone the locality's zone, for telemetry and locality awareness
 * @param tags {@code envoy.lb} metadata
 * @param labels {@code io.kuma.labels} metadata
 */
public record EndpointConfig(
    Address address,
    int weight,
    int priority,
    boolean healthy,
    String zone,
    Map<String, String> tags,
    Map<String, String> labels) {
  public EndpointConfig {
    tags = Map.copyOf(tags);
    labels = Map.copyOf(labels);
  }
}
