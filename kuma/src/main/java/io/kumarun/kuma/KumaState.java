package io.kumarun.kuma;

import java.util.List;

/**
 * How things stand with the control plane.
 *
 * @param connected the stream is open and was answered on
 * @param ready a complete configuration was applied once: clusters and listeners were answered, and
 *     no listener waited. Never taken back: the last configuration is served on
 * @param waiting what is not served in its newest form yet, and why
 * @param rejected why the newest version of a resource is not in use
 */
public record KumaState(
    boolean connected, boolean ready, List<String> waiting, List<String> rejected) {
  static final KumaState STARTING = new KumaState(false, false, List.of(), List.of());

  public KumaState {
    waiting = List.copyOf(waiting);
    rejected = List.copyOf(rejected);
  }

  KumaState disconnected() {
    return new KumaState(false, ready, waiting, rejected);
  }
}
