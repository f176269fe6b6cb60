package io.kumarun.devmesh.controlplane;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** The meshes, the Dataplanes made beforehand and what each data plane is told. Any thread. */
final class Registrations {

  private final Map<String, Boolean> workloadIdentities = new ConcurrentHashMap<>();
  private final Map<String, DataplaneResource> created = new ConcurrentHashMap<>();
  private final Map<String, Snapshot> snapshots = new ConcurrentHashMap<>();
  private final HealthBoard health = new HealthBoard();

  void addMesh(String mesh, boolean identityFromWorkload) {
    workloadIdentities.put(mesh, identityFromWorkload);
  }

  boolean hasMesh(String mesh) {
    return workloadIdentities.containsKey(mesh);
  }

  /** Whether a MeshIdentity of this mesh makes SPIFFE ids from the workload label. */
  boolean identityFromWorkload(String mesh) {
    return workloadIdentities.getOrDefault(mesh, false);
  }

  void create(DataplaneResource dataplane) {
    created.put(dataplane.nodeId(), dataplane);
  }

  Optional<DataplaneResource> created(String nodeId) {
    return Optional.ofNullable(created.get(nodeId));
  }

  void publish(String nodeId, Snapshot snapshot) {
    snapshots.put(nodeId, snapshot);
  }

  /** Changes what a data plane is told, with nothing in between. */
  void edit(String nodeId, UnaryOperator<Snapshot> change) {
    snapshots.compute(
        nodeId, (id, present) -> change.apply(present == null ? Snapshot.EMPTY : present));
  }

  /** What a data plane is told: its snapshot without the endpoints that are not well. */
  Snapshot served(String nodeId) {
    return health.without(snapshot(nodeId));
  }

  HealthBoard health() {
    return health;
  }

  Snapshot snapshot(String nodeId) {
    return snapshots.getOrDefault(nodeId, Snapshot.EMPTY);
  }
}
