package io.kumarun.kuma.inspect;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.kumarun.kuma.translate.ResourceKind;
import io.kumarun.proxy.config.MeshConfig;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * All that a data plane has been told, and what became of it, at one moment. Holds secrets: it is
 * for the pages of this package, which leave them out. Immutable; any thread.
 *
 * @param node as the bootstrap gave it
 * @param bootstrapYaml the Envoy bootstrap; empty before it came
 * @param joinedAt when the bootstrap came
 * @param inUse what is served
 * @param waiting what is not served in its newest form yet, and why, as sentences
 * @param unapplied what was accepted and is not applied
 */
public record Inventory(
    Node node,
    String bootstrapYaml,
    Instant joinedAt,
    ControlPlaneStatus controlPlane,
    Map<ResourceKind, List<ResourceState>> resources,
    MeshConfig inUse,
    List<String> waiting,
    List<UnappliedField> unapplied) {
  /** Before the bootstrap. */
  public static final Inventory EMPTY =
      new Inventory(
          Node.getDefaultInstance(),
          "",
          Instant.EPOCH,
          ControlPlaneStatus.UNKNOWN,
          Map.of(),
          MeshConfig.EMPTY,
          List.of(),
          List.of());

  public Inventory {
    Map<ResourceKind, List<ResourceState>> all = new EnumMap<>(ResourceKind.class);
    for (ResourceKind kind : ResourceKind.values()) {
      all.put(kind, List.copyOf(resources.getOrDefault(kind, List.of())));
    }
    resources = Map.copyOf(all);
    waiting = List.copyOf(waiting);
    unapplied = List.copyOf(unapplied);
  }

  /** The resources of a kind. */
  public List<ResourceState> of(ResourceKind kind) {
    return resources.getOrDefault(kind, List.of());
  }

  /** Who this data plane is, {@code mesh.name}; empty before the bootstrap. */
  public String nodeId() {
    return node.getId();
  }

  /** Without what it holds. */
  @Override
  public String toString() {
    return "Inventory[" + node.getId() + "]";
  }
}
