package io.kumarun.sidecar.settings;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A port on this host behind which a service of the mesh is.
 *
 * @param address null: the control plane's default, 127.0.0.1
 */
public record Outbound(@Nullable String address, int port, Target target) {

  /** What is behind the port. */
  public sealed interface Target {}

  /**
   * A resource of the mesh.
   *
   * @param kind MeshService, MeshMultiZoneService or MeshExternalService
   * @param name null where labels choose it
   * @param labels empty where a name chooses it
   * @param port null where the kind needs none
   */
  public record BackendRef(
      String kind, @Nullable String name, Map<String, String> labels, @Nullable Integer port)
      implements Target {}

  /** All Dataplanes whose inbounds carry this {@code kuma.io/service} tag; not in Kuma 3. */
  public record ServiceTag(String service) implements Target {}
}
