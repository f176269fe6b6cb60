package io.kumarun.proxy;

import io.kumarun.proxy.config.ClusterConfig;
import io.kumarun.proxy.config.FilterChainConfig;
import io.kumarun.proxy.config.ListenerConfig;
import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.tls.ClientTls;
import io.kumarun.tls.PeerValidation;
import io.kumarun.tls.TlsContextException;
import io.kumarun.tls.TlsContexts;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the TLS contexts of a configuration before anything of it is in use. What no context can be
 * made for keeps its last good version, or is left out, so that one bad secret takes nothing else
 * down.
 */
final class UsableTls {
  /** A mesh has thousands of clusters, of which a sidecar calls a few. */
  private static final int CLIENT_CONTEXTS_AHEAD = 64;

  private static final int SHORT_SNI = 64;

  private final TlsContexts contexts;
  private final Set<ClientTls> sound = new HashSet<>();
  private int ahead;
  private final MeshConfig before;
  private final List<String> problems;

  /**
   * @param before what is in use
   * @param problems gets a sentence for everything that cannot be used
   */
  UsableTls(TlsContexts contexts, MeshConfig before, List<String> problems) {
    this.contexts = contexts;
    this.before = before;
    this.problems = problems;
  }

  MeshConfig of(MeshConfig config) {
    Map<String, ListenerConfig> listeners = new HashMap<>(config.listeners());
    for (ListenerConfig listener : config.listeners().values()) {
      String failure = failure(listener);
      if (failure != null) {
        ListenerConfig last = before.listeners().get(listener.name());
        report("listener " + listener.name(), failure, last != null);
        replace(listeners, listener.name(), last);
      }
    }
    Map<String, ClusterConfig> clusters = new HashMap<>(config.clusters());
    for (ClusterConfig cluster : config.clusters().values()) {
      String failure = failure(cluster);
      if (failure != null) {
        ClusterConfig last = before.clusters().get(cluster.name());
        report("cluster " + cluster.name(), failure, last != null);
        replace(clusters, cluster.name(), last);
      }
    }
    return new MeshConfig(listeners, clusters);
  }

  private @Nullable String failure(ListenerConfig listener) {
    for (FilterChainConfig chain : listener.filterChains()) {
      if (chain.tls() != null) {
        try {
          contexts.prepare(List.of(chain.tls()), List.of());
        } catch (TlsContextException e) {
          return String.valueOf(e.getMessage());
        }
      }
    }
    return null;
  }

  /**
   * A context takes milliseconds and tens of KiB of native memory. So beyond some, clusters whose
   * secrets were found good with another one get theirs with their first connection, unless they
   * have been connected to already.
   */
  private @Nullable String failure(ClusterConfig cluster) {
    ClientTls tls = cluster.tls();
    if (tls == null) {
      return null;
    }
    if (ahead >= CLIENT_CONTEXTS_AHEAD && sound.contains(nameless(tls)) && !hasContext(cluster)) {
      return null;
    }
    try {
      contexts.prepare(List.of(), List.of(tls));
    } catch (TlsContextException e) {
      return String.valueOf(e.getMessage());
    }
    ahead++;
    sound.add(nameless(tls));
    return null;
  }

  private boolean hasContext(ClusterConfig cluster) {
    ClusterConfig last = before.clusters().get(cluster.name());
    return last != null && last.tls() != null && contexts.has(last.tls());
  }

  /**
   * The same settings for any server: whether a context can be made does not depend on its names.
   */
  private static ClientTls nameless(ClientTls tls) {
    PeerValidation validation = tls.peerValidation();
    return new ClientTls(
        tls.certificate(),
        validation == null ? null : new PeerValidation(validation.trust(), List.of()),
        tls.sni().length() <= SHORT_SNI ? "" : tls.sni(),
        tls.alpnProtocols(),
        tls.parameters());
  }

  private void report(String resource, String failure, boolean hasLast) {
    problems.add(
        resource
            + ": its TLS settings cannot be used: "
            + failure
            + (hasLast ? "; its last good version stays in use" : "; it is not served"));
  }

  private static <T> void replace(Map<String, T> all, String name, @Nullable T last) {
    if (last == null) {
      all.remove(name);
    } else {
      all.put(name, last);
    }
  }
}
