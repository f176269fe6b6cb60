package io.kumarun.kuma;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.kumarun.kuma.dynconf.DynamicConfig;
import io.kumarun.kuma.inspect.ResourceState;
import io.kumarun.kuma.inspect.ResourceState.Failure;
import io.kumarun.kuma.inspect.ResourceState.Version;
import io.kumarun.kuma.inspect.UnappliedField;
import io.kumarun.kuma.translate.Note;
import io.kumarun.kuma.translate.ResourceKind;
import io.kumarun.kuma.translate.ResourceRejectedException;
import io.kumarun.kuma.translate.Translated;
import io.kumarun.kuma.translate.TranslatedCluster;
import io.kumarun.kuma.translate.TranslatedEndpoints;
import io.kumarun.kuma.translate.TranslatedListener;
import io.kumarun.kuma.translate.TranslatedSecret;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The last good version of every resource, as it came and translated. Outlives a stream. One thread
 * at a time.
 *
 * <p>The good resources of a response are applied even when others in it are bad: a control plane
 * sends neither again on that stream (delta xDS). A bad one keeps its last good version.
 */
final class ResourceStore {
  /**
   * @param version empty: the control plane took it back, and it is used on (Envoy does so with
   *     secrets and endpoints)
   * @param at when it came
   */
  record Stored<T extends Translated>(String version, Any raw, Instant at, T translated) {}

  private final Map<String, Stored<TranslatedCluster>> clusters = new TreeMap<>();
  private final Map<String, Stored<TranslatedEndpoints>> endpoints = new TreeMap<>();
  private final Map<String, Stored<TranslatedSecret>> secrets = new TreeMap<>();
  private final Map<String, Stored<TranslatedListener>> listeners = new TreeMap<>();
  private final Map<ResourceKind, Map<String, Failure>> rejected =
      new EnumMap<>(ResourceKind.class);
  private final Set<ResourceKind> answered = EnumSet.noneOf(ResourceKind.class);

  /** Names of what came since the last call of {@link #newUnapplied}. */
  private final Map<ResourceKind, Set<String>> changed = new EnumMap<>(ResourceKind.class);

  private @Nullable List<UnappliedField> unapplied;

  ResourceStore() {
    for (ResourceKind kind : ResourceKind.values()) {
      rejected.put(kind, new LinkedHashMap<>());
    }
  }

  /**
   * Takes what can be taken.
   *
   * @return why each of the others was refused, by its name; empty: all were taken
   */
  Map<String, String> apply(ResourceKind kind, DeltaDiscoveryResponse response) {
    answered.add(kind);
    unapplied = null;
    Map<String, String> refusals = new LinkedHashMap<>();
    for (Resource resource : response.getResourcesList()) {
      if (!resource.hasResource()) {
        continue; // a heartbeat
      }
      String name = resource.getName();
      try {
        put(name, resource, translate(kind, name, resource.getResource()));
        failures(kind).remove(name);
        changed.computeIfAbsent(kind, key -> new LinkedHashSet<>()).add(name);
      } catch (ResourceRejectedException e) {
        String message = String.valueOf(e.getMessage());
        refusals.put(name, message);
        failures(kind)
            .put(
                name,
                new Failure(resource.getVersion(), resource.getResource(), Instant.now(), message));
      }
    }
    for (String name : response.getRemovedResourcesList()) {
      failures(kind).remove(name);
      remove(kind, name);
    }
    return refusals;
  }

  /** What came before is not translated again: after a reconnect that may be all there is. */
  private Translated translate(ResourceKind kind, String name, Any raw) {
    Stored<?> stored = of(kind).get(name);
    return stored != null && stored.raw().equals(raw)
        ? stored.translated()
        : kind.translate(name, raw);
  }

  private void put(String name, Resource resource, Translated translated) {
    String version = resource.getVersion();
    Any raw = resource.getResource();
    Instant now = Instant.now();
    switch (translated) {
      case TranslatedCluster cluster ->
          clusters.put(name, new Stored<>(version, raw, now, cluster));
      case TranslatedEndpoints found -> endpoints.put(name, new Stored<>(version, raw, now, found));
      case TranslatedSecret secret -> secrets.put(name, new Stored<>(version, raw, now, secret));
      case TranslatedListener listener ->
          listeners.put(name, new Stored<>(version, raw, now, listener));
    }
  }

  private void remove(ResourceKind kind, String name) {
    switch (kind) {
      case CLUSTER -> clusters.remove(name);
      case LISTENER -> listeners.remove(name);
      // Envoy ignores the removal of a secret in use.
      case SECRET -> secrets.computeIfPresent(name, (key, stored) -> withdrawn(stored));
      // Envoy keeps the endpoints it has; for a cluster that has none it is the answer: none.
      case ENDPOINTS -> {
        Stored<TranslatedEndpoints> stored = endpoints.get(name);
        endpoints.put(
            name,
            stored == null
                ? new Stored<>(
                    "", Any.getDefaultInstance(), Instant.now(), TranslatedEndpoints.NONE)
                : withdrawn(stored));
      }
    }
  }

  private static <T extends Translated> Stored<T> withdrawn(Stored<T> stored) {
    return new Stored<>("", stored.raw(), stored.at(), stored.translated());
  }

  /** Forgets what nobody subscribes to any more. */
  void forget(ResourceKind kind, String name) {
    failures(kind).remove(name);
    of(kind).remove(name);
    unapplied = null;
  }

  /** Whether the control plane has said anything about this kind, ever. */
  boolean answered(ResourceKind kind) {
    return answered.contains(kind);
  }

  Map<String, Stored<TranslatedCluster>> clusters() {
    return clusters;
  }

  Map<String, Stored<TranslatedListener>> listeners() {
    return listeners;
  }

  @Nullable TranslatedEndpoints endpoints(String edsName) {
    Stored<TranslatedEndpoints> stored = endpoints.get(edsName);
    return stored == null ? null : stored.translated();
  }

  /** A copy, as the answers stand now. */
  Map<String, TranslatedSecret> secrets() {
    Map<String, TranslatedSecret> translated = new LinkedHashMap<>();
    secrets.forEach((name, stored) -> translated.put(name, stored.translated()));
    return translated;
  }

  /** What to say after a reconnect: only versions that are in use. */
  Map<String, String> versions(ResourceKind kind) {
    Map<String, String> versions = new LinkedHashMap<>();
    of(kind)
        .forEach(
            (name, stored) -> {
              if (!stored.version().isEmpty()) {
                versions.put(name, stored.version());
              }
            });
    return versions;
  }

  /** The endpoints that the clusters need. */
  Set<String> edsNames() {
    Set<String> names = new LinkedHashSet<>();
    for (Stored<TranslatedCluster> cluster : clusters.values()) {
      if (cluster.translated().edsName() != null) {
        names.add(cluster.translated().edsName());
      }
    }
    return names;
  }

  /** The secrets that clusters and listeners need. */
  Set<String> secretNames() {
    Set<String> names = new LinkedHashSet<>();
    clusters.values().forEach(cluster -> names.addAll(cluster.translated().secrets()));
    listeners.values().forEach(listener -> names.addAll(listener.translated().secrets()));
    return names;
  }

  /**
   * What is in the resources and changes nothing here; bounded per resource, whatever a control
   * plane sends. After a change all are walked, at about 50 µs each.
   */
  List<UnappliedField> unapplied() {
    if (unapplied == null) {
      List<UnappliedField> found = new ArrayList<>();
      for (ResourceKind kind : ResourceKind.values()) {
        of(kind).forEach((name, stored) -> unapplied(kind, name, stored, found));
      }
      unapplied = List.copyOf(found);
    }
    return unapplied;
  }

  /** {@link #unapplied} of those that came since the last call. */
  List<UnappliedField> newUnapplied() {
    List<UnappliedField> found = new ArrayList<>();
    changed.forEach(
        (kind, names) -> {
          for (String name : names) {
            Stored<?> stored = of(kind).get(name);
            if (stored != null) {
              unapplied(kind, name, stored, found);
            }
          }
        });
    changed.clear();
    return found;
  }

  private static void unapplied(
      ResourceKind kind, String name, Stored<?> stored, List<UnappliedField> to) {
    for (Note note : kind.unapplied(stored.raw(), stored.translated())) {
      to.add(new UnappliedField(kind.label(), name, note.path(), note.feature()));
    }
  }

  /** What the control plane says to the data plane itself; null: nothing. */
  @Nullable DynamicConfig dynamicConfig() {
    for (Stored<TranslatedListener> listener : listeners.values()) {
      if (listener.translated().dynamicConfig() != null) {
        return listener.translated().dynamicConfig();
      }
    }
    return null;
  }

  /** Why the newest version of a resource is not in use, by name. */
  Map<String, String> rejections(ResourceKind kind) {
    Map<String, String> reasons = new LinkedHashMap<>();
    failures(kind).forEach((name, failure) -> reasons.put(name, failure.reason()));
    return reasons;
  }

  private Map<String, Failure> failures(ResourceKind kind) {
    return rejected.computeIfAbsent(kind, key -> new LinkedHashMap<>());
  }

  /**
   * A copy of everything, to be looked at.
   *
   * @param warming the names of a kind that are not in use yet
   */
  Map<ResourceKind, List<ResourceState>> states(Function<ResourceKind, Set<String>> warming) {
    Map<ResourceKind, List<ResourceState>> states = new EnumMap<>(ResourceKind.class);
    for (ResourceKind kind : ResourceKind.values()) {
      Set<String> waiting = warming.apply(kind);
      Map<String, Failure> failures = failures(kind);
      Set<String> names = new LinkedHashSet<>(of(kind).keySet());
      names.addAll(failures.keySet());
      List<ResourceState> all = new ArrayList<>(names.size());
      for (String name : names) {
        Stored<?> stored = of(kind).get(name);
        boolean came = stored != null && !stored.raw().equals(Any.getDefaultInstance());
        all.add(
            new ResourceState(
                name,
                stored != null && came
                    ? new Version(stored.version(), stored.raw(), stored.at())
                    : null,
                waiting.contains(name),
                failures.get(name)));
      }
      states.put(kind, all);
    }
    return states;
  }

  private Map<String, ? extends Stored<?>> of(ResourceKind kind) {
    return switch (kind) {
      case CLUSTER -> clusters;
      case ENDPOINTS -> endpoints;
      case SECRET -> secrets;
      case LISTENER -> listeners;
    };
  }
}
