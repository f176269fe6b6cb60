package io.kumarun.kuma;

import io.kumarun.kuma.ResourceStore.Stored;
import io.kumarun.kuma.translate.ResourceKind;
import io.kumarun.kuma.translate.SecretLookup;
import io.kumarun.kuma.translate.TranslatedCluster;
import io.kumarun.kuma.translate.TranslatedEndpoints;
import io.kumarun.kuma.translate.TranslatedListener;
import io.kumarun.kuma.translate.TranslatedSecret;
import io.kumarun.proxy.config.ClusterConfig;
import io.kumarun.proxy.config.ListenerConfig;
import io.kumarun.proxy.config.MeshConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Joins resources into one {@link MeshConfig}, with Envoy's warming: a cluster appears when its
 * endpoints were answered (none is an answer) and its secrets are here; a listener when its secrets
 * are here and no cluster it names is still on its way. A changed one keeps its old form until
 * then. Nothing ever loses its TLS. Remembers what it built last; one thread at a time.
 *
 * <p>Removal is immediate, but for a listener whose address another one waits to take over: it
 * serves until then.
 */
final class ConfigAssembler {
  /**
   * Something that is not served in its newest form yet.
   *
   * @param reason a phrase for a person
   */
  record Waiting(ResourceKind kind, String name, String reason) {
    @Override
    public String toString() {
      return kind.label() + " " + name + " waits: " + reason;
    }
  }

  /** What can be served now, and what waits. */
  record Assembly(MeshConfig config, List<Waiting> waiting) {
    Assembly {
      waiting = List.copyOf(waiting);
    }

    boolean listenersWait() {
      return waiting.stream().anyMatch(each -> each.kind() == ResourceKind.LISTENER);
    }
  }

  /** Clusters that were waited for long enough. */
  private final Set<String> givenUp = new HashSet<>();

  /** Clusters that wait, as of the last assembly. */
  private final Set<String> waitingClusters = new HashSet<>();

  private MeshConfig last = MeshConfig.EMPTY;

  /**
   * The time that Envoy gives a first answer ({@code initial_fetch_timeout}, 15 s) is over for the
   * clusters that wait now: without an answer about their endpoints they are served without any,
   * and listeners no longer wait for them. For its own secrets a listener waits on.
   */
  void giveUpOnWaitingClusters() {
    givenUp.addAll(waitingClusters);
  }

  /** Whether a cluster waits that was not given up. */
  boolean clustersWait() {
    return !givenUp.containsAll(waitingClusters);
  }

  /** Joins what the store holds now. */
  Assembly assemble(ResourceStore store) {
    List<Waiting> waiting = new ArrayList<>();
    Map<String, TranslatedSecret> secrets = store.secrets();
    Map<String, ClusterConfig> clusters = new HashMap<>();
    Set<String> cold = new HashSet<>();
    for (Map.Entry<String, Stored<TranslatedCluster>> entry : store.clusters().entrySet()) {
      String name = entry.getKey();
      TranslatedCluster cluster = entry.getValue().translated();
      if (!cluster.served()) {
        continue;
      }
      SecretLookup lookup = new SecretLookup(secrets);
      ClusterConfig previous = last.clusters().get(name);
      ClusterConfig resolved = cluster(cluster, store, lookup, waiting, name);
      if (resolved == null) {
        resolved = previous;
      }
      if (resolved == null) {
        cold.add(name);
      } else {
        clusters.put(name, resolved);
      }
    }
    Map<String, ListenerConfig> listeners = new HashMap<>();
    for (Map.Entry<String, Stored<TranslatedListener>> entry : store.listeners().entrySet()) {
      String name = entry.getKey();
      TranslatedListener listener = entry.getValue().translated();
      if (!listener.served()) {
        continue;
      }
      ListenerConfig resolved = null;
      String reason = clustersMissing(listener, store, cold);
      if (reason == null) {
        SecretLookup lookup = new SecretLookup(secrets);
        resolved = listener.resolve(lookup);
        reason = String.join(", ", lookup.missing());
      }
      if (resolved == null) {
        waiting.add(new Waiting(ResourceKind.LISTENER, name, reason));
        resolved = predecessor(name, listener);
      }
      if (resolved != null) {
        listeners.putIfAbsent(resolved.name(), resolved);
      }
    }
    waitingClusters.clear();
    for (Waiting each : waiting) {
      if (each.kind() == ResourceKind.CLUSTER) {
        waitingClusters.add(each.name());
      }
    }
    givenUp.retainAll(waitingClusters);
    MeshConfig config = new MeshConfig(listeners, clusters);
    if (!config.equals(last)) {
      last = config;
    }
    return new Assembly(last, waiting);
  }

  /**
   * What serves in place of a listener that waits: its old form, or else the listener that had its
   * address under another name, removed or not. Nobody is refused because a name changed.
   */
  private @Nullable ListenerConfig predecessor(String name, TranslatedListener listener) {
    ListenerConfig old = last.listeners().get(name);
    if (old != null) {
      return old;
    }
    for (ListenerConfig candidate : last.listeners().values()) {
      if (candidate.address().equals(listener.address())) {
        return candidate;
      }
    }
    return null;
  }

  private @Nullable ClusterConfig cluster(
      TranslatedCluster cluster,
      ResourceStore store,
      SecretLookup lookup,
      List<Waiting> waiting,
      String name) {
    TranslatedEndpoints endpoints = TranslatedEndpoints.NONE;
    if (cluster.edsName() != null) {
      TranslatedEndpoints answer = store.endpoints(cluster.edsName());
      if (answer != null) {
        endpoints = answer;
      } else {
        waiting.add(
            new Waiting(
                ResourceKind.CLUSTER, name, "endpoints " + cluster.edsName() + " have not come"));
        if (!givenUp.contains(name)) {
          return null;
        }
      }
    }
    ClusterConfig resolved = cluster.resolve(lookup, endpoints.endpoints());
    if (resolved == null) {
      waiting.add(new Waiting(ResourceKind.CLUSTER, name, String.join(", ", lookup.missing())));
    }
    return resolved;
  }

  private @Nullable String clustersMissing(
      TranslatedListener listener, ResourceStore store, Set<String> cold) {
    if (!store.answered(ResourceKind.CLUSTER)) {
      return "no clusters have come";
    }
    if (!cold.isEmpty()) {
      for (String cluster : listener.clusters()) {
        if (cold.contains(cluster) && !givenUp.contains(cluster)) {
          return "cluster " + cluster + " is not complete";
        }
      }
    }
    return null;
  }
}
