package io.kumarun.devmesh.scenario;

import java.util.List;

/**
 * Which data planes a mesh has, and where. Several may share a role: endpoints of a role are those
 * of all its data planes, and an absent role has none. Immutable.
 *
 * @param mesh name of the mesh; its trust domain is {@code <mesh>.mesh.local}
 * @param zone name of the zone
 */
public record Topology(String mesh, String zone, List<Dataplane> dataplanes) {

  public Topology {
    dataplanes = List.copyOf(dataplanes);
  }

  public static Topology of(String mesh, Dataplane... dataplanes) {
    return new Topology(mesh, "zone-1", List.of(dataplanes));
  }

  /** One data plane for each role of a scenario. */
  public static Topology of(String mesh, Scenario scenario) {
    return new Topology(mesh, "zone-1", scenario.roles().stream().map(Dataplane::ofRole).toList());
  }

  /** The data plane of this name. */
  public Dataplane dataplane(String name) {
    return dataplanes.stream()
        .filter(dataplane -> dataplane.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("No data plane is named " + name));
  }

  /** The first data plane with this role. */
  public Dataplane ofRole(String role) {
    return withRole(role).stream()
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("No data plane has the role " + role));
  }

  List<Dataplane> withRole(String role) {
    return dataplanes.stream().filter(dataplane -> dataplane.role().equals(role)).toList();
  }

  /** Trust domain of its MeshIdentity. */
  public String trustDomain() {
    return mesh + ".mesh.local";
  }
}
