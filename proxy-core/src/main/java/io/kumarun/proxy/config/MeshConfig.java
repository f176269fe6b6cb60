package io.kumarun.proxy.config;

import java.util.Map;

/**
 * All that the data path needs, joined and complete: every secret is resolved, every cluster named
 * by a listener is either here or known not to exist. One value, swapped as a whole.
 *
 * @param listeners by name
 * @param clusters by name
 */
public record MeshConfig(
    Map<String, ListenerConfig> listeners, Map<String, ClusterConfig> clusters) {
  public static final MeshConfig EMPTY = new MeshConfig(Map.of(), Map.of());

  public MeshConfig {
    listeners = Map.copyOf(listeners);
    clusters = Map.copyOf(clusters);
  }
}
