package io.kumarun.devmesh.controlplane;

import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which inbounds are not well, as {@code inbound.state} of a Dataplane says in Kuma: such an
 * endpoint is no other data plane's any more (contract §1.7); the same goes for those of a data
 * plane that is gone. Stays as last reported. Any thread.
 */
final class HealthBoard {

  private record Place(String address, int port) {}

  private final Map<String, Set<Place>> down = new ConcurrentHashMap<>();

  /**
   * Takes what a data plane says about itself.
   *
   * @param healthy by the cluster names of {@link HealthStream}
   * @return whether anything changes for other data planes
   */
  boolean report(DataplaneResource dataplane, Map<String, Boolean> healthy) {
    boolean dead = !healthy.getOrDefault(HealthStream.ADMIN, true);
    Set<Place> places = new HashSet<>();
    for (DataplaneResource.Inbound inbound : dataplane.inbounds()) {
      if (dead || !healthy.getOrDefault(HealthStream.cluster(inbound), true)) {
        places.add(new Place(inbound.address(), inbound.port()));
      }
    }
    Set<Place> before =
        places.isEmpty()
            ? down.remove(dataplane.nodeId())
            : down.put(dataplane.nodeId(), Set.copyOf(places));
    return !places.equals(before == null ? Set.of() : before);
  }

  /** A data plane is deleted, and its endpoints with it. */
  void withdraw(DataplaneResource dataplane) {
    Set<Place> places = new HashSet<>();
    dataplane.inbounds().forEach(in -> places.add(new Place(in.address(), in.port())));
    if (!places.isEmpty()) {
      down.put(dataplane.nodeId(), Set.copyOf(places));
    }
  }

  /**
   * A data plane is registered, with nothing known against it.
   *
   * @return whether anything changes for other data planes
   */
  boolean admit(DataplaneResource dataplane) {
    return down.remove(dataplane.nodeId()) != null;
  }

  /** A snapshot without the endpoints that are not well. */
  Snapshot without(Snapshot snapshot) {
    Set<Place> places = new HashSet<>();
    down.values().forEach(places::addAll);
    if (places.isEmpty()) {
      return snapshot;
    }
    return snapshot.with(
        snapshot.resources(ClusterLoadAssignment.class).stream()
            .map(assignment -> without(assignment, places))
            .toArray(ClusterLoadAssignment[]::new));
  }

  private static ClusterLoadAssignment without(
      ClusterLoadAssignment assignment, Set<Place> places) {
    ClusterLoadAssignment.Builder kept = assignment.toBuilder().clearEndpoints();
    for (LocalityLbEndpoints locality : assignment.getEndpointsList()) {
      LocalityLbEndpoints.Builder left = locality.toBuilder().clearLbEndpoints();
      for (LbEndpoint endpoint : locality.getLbEndpointsList()) {
        SocketAddress address = endpoint.getEndpoint().getAddress().getSocketAddress();
        if (!places.contains(new Place(address.getAddress(), address.getPortValue()))) {
          left.addLbEndpoints(endpoint);
        }
      }
      if (left.getLbEndpointsCount() > 0) {
        kept.addEndpoints(left);
      }
    }
    return kept.build();
  }
}
