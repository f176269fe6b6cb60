package io.kumarun.proxy.cluster;

import io.kumarun.proxy.config.EndpointConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The endpoints of a cluster at one moment, and the ones that take traffic. Immutable; any thread.
 *
 * <p>The first priority that has a healthy host takes all traffic. Within it healthy hosts are
 * used, or all of them while fewer than half are healthy (Envoy's panic threshold, 50 % by
 * default).
 */
final class HostSet {
  static final HostSet EMPTY = new HostSet(List.of());

  private static final int PANIC_THRESHOLD_PERCENT = 50;

  private final List<Host> all;
  private final List<Host> usable;
  private final boolean weighted;

  private HostSet(List<Host> all) {
    this.all = List.copyOf(all);
    this.usable = usable(this.all);
    this.weighted =
        !usable.isEmpty()
            && usable.stream()
                .anyMatch(host -> host.config().weight() != usable.getFirst().config().weight());
  }

  /** Builds the next set, keeping the {@link Host} of every endpoint that did not change. */
  HostSet next(List<EndpointConfig> endpoints) {
    Map<EndpointConfig, Host> known = new HashMap<>();
    for (Host host : all) {
      known.put(host.config(), host);
    }
    List<Host> hosts = new ArrayList<>(endpoints.size());
    for (EndpointConfig endpoint : endpoints) {
      Host host = known.remove(endpoint);
      if (host == null) {
        host = Host.of(endpoint);
      }
      if (host != null) {
        hosts.add(host);
      }
    }
    return new HostSet(hosts);
  }

  private static List<Host> usable(List<Host> all) {
    TreeMap<Integer, List<Host>> byPriority = new TreeMap<>();
    for (Host host : all) {
      byPriority.computeIfAbsent(host.config().priority(), p -> new ArrayList<>()).add(host);
    }
    for (List<Host> hosts : byPriority.values()) {
      List<Host> healthy = hosts.stream().filter(host -> host.config().healthy()).toList();
      if (healthy.isEmpty()) {
        continue;
      }
      boolean panic = healthy.size() * 100 < hosts.size() * PANIC_THRESHOLD_PERCENT;
      return panic ? List.copyOf(hosts) : healthy;
    }
    // No priority has a healthy host: panic over the first (Envoy's load balancer does so too).
    return byPriority.isEmpty() ? List.of() : List.copyOf(byPriority.firstEntry().getValue());
  }

  List<Host> all() {
    return all;
  }

  List<Host> usable() {
    return usable;
  }

  /** Whether the usable hosts differ in weight. */
  boolean weighted() {
    return weighted;
  }
}
