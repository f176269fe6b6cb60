package io.kumarun.devmesh.controlplane;

import java.util.HashSet;
import java.util.Set;

/**
 * Keeps to one stream per data plane: a second one is refused, and so is a reconnect of a data
 * plane that registered itself until it is deregistered (contract §1.6). Any thread.
 */
final class StreamRegistry {

  static final String REFUSAL = "there is already an active stream from this node, try again later";

  private final Set<String> active = new HashSet<>();

  /** Whether a stream of this node may begin now; then it has. */
  synchronized boolean begin(String nodeId) {
    return active.add(nodeId);
  }

  /** Another stream of this node may begin. */
  synchronized void release(String nodeId) {
    active.remove(nodeId);
  }

  /** Nobody has a stream, as after a restart. */
  synchronized void clear() {
    active.clear();
  }
}
