package io.kumarun.sidecar.admin;

import java.util.List;
import java.util.Set;

/**
 * What became of the latest configuration. Immutable.
 *
 * @param problems what of it cannot be served, as sentences for an operator
 * @param virtual names of the listeners that have no socket
 */
public record TrafficStatus(List<String> problems, Set<String> virtual) {
  /** Before the first configuration. */
  public static final TrafficStatus NONE = new TrafficStatus(List.of(), Set.of());

  public TrafficStatus {
    problems = List.copyOf(problems);
    virtual = Set.copyOf(virtual);
  }
}
