package io.kumarun.proxy.listener;

import io.kumarun.proxy.config.FilterChainMatch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Picks the most specific filter chain of a listener in Envoy's order of criteria: destination
 * port, server name, transport protocol, application protocols
 * (config.listener.v3.FilterChainMatch). Each criterion narrows the candidates to those that say
 * it, or else to those that say nothing of it. Immutable; any thread.
 */
final class FilterChainSelector {
  private static final int NO_MATCH = -1;

  private final List<FilterChain> chains;

  FilterChainSelector(List<FilterChain> chains) {
    this.chains = List.copyOf(chains);
  }

  List<FilterChain> chains() {
    return chains;
  }

  /** The chain of a connection, or null: such a connection is closed. */
  @Nullable FilterChain select(int destinationPort, Inspection seen) {
    FilterChain best = null;
    long bestScore = NO_MATCH;
    for (int i = 0; i < chains.size(); i++) {
      long score = score(chains.get(i).match(), destinationPort, seen);
      if (score > bestScore) {
        best = chains.get(i);
        bestScore = score;
      }
    }
    return best;
  }

  /**
   * How specific a match is, the first criterion in the highest bits; comparing these numbers is
   * comparing criterion by criterion.
   */
  private static long score(FilterChainMatch match, int destinationPort, Inspection seen) {
    if (match.destinationPort() != 0 && match.destinationPort() != destinationPort) {
      return NO_MATCH;
    }
    int name = nameScore(match.serverNames(), seen.serverName());
    if (name == NO_MATCH) {
      return NO_MATCH;
    }
    if (match.transport() != null && match.transport() != seen.transport()) {
      return NO_MATCH;
    }
    boolean protocols = !match.applicationProtocols().isEmpty();
    if (protocols && !offersOneOf(seen.applicationProtocols(), match.applicationProtocols())) {
      return NO_MATCH;
    }
    return (match.destinationPort() != 0 ? 1L << 40 : 0)
        + ((long) name << 8)
        + (match.transport() != null ? 2 : 0)
        + (protocols ? 1 : 0);
  }

  /** 0: no names are asked for; longer is more specific; an exact name beats every wildcard. */
  private static int nameScore(List<String> names, String serverName) {
    if (names.isEmpty()) {
      return 0;
    }
    int best = NO_MATCH;
    for (String name : names) {
      if (name.equals(serverName)) {
        return 1 << 20;
      }
      if (name.startsWith("*.")
          && serverName.length() > name.length() - 1
          && serverName.endsWith(name.substring(1))) {
        best = Math.max(best, name.length());
      }
    }
    return best;
  }

  private static boolean offersOneOf(List<String> offered, List<String> wanted) {
    for (int i = 0; i < offered.size(); i++) {
      if (wanted.contains(offered.get(i))) {
        return true;
      }
    }
    return false;
  }
}
