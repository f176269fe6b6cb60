package io.kumarun.kuma;

import io.kumarun.kuma.ConfigAssembler.Assembly;
import io.kumarun.kuma.ConfigAssembler.Waiting;
import io.kumarun.kuma.translate.ResourceKind;
import io.kumarun.proxy.config.MeshConfig;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Makes a configuration of what the store holds, and publishes each new one. One thread at a time.
 */
final class ConfigPublisher {
  private final ResourceStore store;
  private final AdsLog log;
  private final Consumer<MeshConfig> publish;
  private final ConfigAssembler assembler = new ConfigAssembler();

  private MeshConfig published = MeshConfig.EMPTY;
  private List<Waiting> waiting = List.of();

  ConfigPublisher(ResourceStore store, AdsLog log, Consumer<MeshConfig> publish) {
    this.store = store;
    this.log = log;
    this.publish = publish;
  }

  /**
   * Publishes what can be served now, if it is anything new.
   *
   * @return whether that is complete: clusters and listeners were answered, and no listener waits
   */
  boolean update() {
    Assembly assembly = assembler.assemble(store);
    if (assembly.config() != published) {
      log.applied(assembly.config());
      publish.accept(assembly.config());
      published = assembly.config();
    }
    waiting = assembly.waiting();
    log.waiting(waiting);
    return store.answered(ResourceKind.CLUSTER)
        && store.answered(ResourceKind.LISTENER)
        && !assembly.listenersWait();
  }

  /** Whether a cluster waits that was not given up. */
  boolean clustersWait() {
    return assembler.clustersWait();
  }

  /** Has an effect with the next {@link #update}. */
  void giveUpOnWaitingClusters() {
    assembler.giveUpOnWaitingClusters();
  }

  MeshConfig published() {
    return published;
  }

  /** What is not served in its newest form yet, in sentences. */
  List<String> waiting() {
    return waiting.stream().map(Waiting::toString).toList();
  }

  /** The names of what waits and is not served in an older form either, by kind. */
  Map<ResourceKind, Set<String>> warming() {
    Map<ResourceKind, Set<String>> warming = new EnumMap<>(ResourceKind.class);
    for (Waiting each : waiting) {
      boolean olderInUse =
          each.kind() == ResourceKind.CLUSTER && published.clusters().containsKey(each.name());
      if (!olderInUse) {
        warming.computeIfAbsent(each.kind(), kind -> new HashSet<>()).add(each.name());
      }
    }
    return warming;
  }
}
