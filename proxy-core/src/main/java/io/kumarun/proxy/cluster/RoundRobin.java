package io.kumarun.proxy.cluster;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Round robin over the usable hosts of one cluster, smoothly by weight where weights differ: over a
 * full turn each host is picked in proportion, never in bursts. State of one event loop.
 */
final class RoundRobin {
  private HostSet seen = HostSet.EMPTY;
  private int next;
  private int[] credit = new int[0];

  /**
   * @param start where this loop begins, so that loops do not all begin at the same host
   */
  RoundRobin(int start) {
    this.next = start & Integer.MAX_VALUE;
  }

  /** The next host, or null if there is none. */
  @Nullable Host pick(HostSet hosts) {
    List<Host> usable = hosts.usable();
    int size = usable.size();
    if (size == 0) {
      return null;
    }
    if (!hosts.weighted()) {
      int index = next % size;
      next = (index + 1) % size;
      return usable.get(index);
    }
    if (hosts != seen) {
      seen = hosts;
      credit = new int[size];
    }
    return smooth(usable);
  }

  private Host smooth(List<Host> usable) {
    int total = 0;
    int best = 0;
    for (int i = 0; i < credit.length; i++) {
      int weight = usable.get(i).config().weight();
      total += weight;
      credit[i] += weight;
      if (credit[i] > credit[best]) {
        best = i;
      }
    }
    credit[best] -= total;
    return usable.get(best);
  }
}
