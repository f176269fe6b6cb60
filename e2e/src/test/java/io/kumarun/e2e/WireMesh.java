package io.kumarun.e2e;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Topology;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * A plain mesh where one server stands behind an Envoy and one behind this project's sidecar, with
 * the same configuration. Each has its recorded inbound several times, so that cases can be played
 * side by side and an application still knows which one it is in. A caller behind each kind calls
 * an inbound of the Envoy.
 */
final class WireMesh implements AutoCloseable {
  private static final int LANES = 24;

  private final DevMesh mesh;
  private final List<AutoCloseable> started = new ArrayList<>();
  private final Map<Proxy.Kind, Side> sides = new EnumMap<>(Proxy.Kind.class);

  /** The sidecars of one kind. */
  private record Side(List<WireLane> inbounds, WireLane refused, WireLane outbound) {}

  private WireMesh(DevMesh mesh) {
    this.mesh = mesh;
  }

  static WireMesh start() {
    Map<Proxy.Kind, Dataplane> servers = new EnumMap<>(Proxy.Kind.class);
    Map<Proxy.Kind, Dataplane> callers = new EnumMap<>(Proxy.Kind.class);
    for (Proxy.Kind kind : Proxy.Kind.values()) {
      String name = kind.name().toLowerCase(Locale.ROOT);
      servers.put(kind, Dataplane.ofRole("backend").named("backend-" + name));
      callers.put(kind, Dataplane.ofRole("frontend").named("frontend-" + name));
    }
    List<Dataplane> all = new ArrayList<>(servers.values());
    all.addAll(callers.values());
    WireMesh made =
        new WireMesh(
            DevMesh.start(Scenario.PLAIN_HTTP, Topology.of("demo", all.toArray(Dataplane[]::new))));
    try {
      Dataplane called = of(servers, Proxy.Kind.ENVOY);
      for (Proxy.Kind kind : Proxy.Kind.values()) {
        made.sides.put(kind, made.configure(of(servers, kind), of(callers, kind), called, kind));
      }
      for (Proxy.Kind kind : Proxy.Kind.values()) {
        made.started.add(kind.start(made.mesh, of(servers, kind)));
        made.started.add(kind.start(made.mesh, of(callers, kind)));
      }
    } catch (RuntimeException e) {
      made.close();
      throw e;
    }
    return made;
  }

  /**
   * Where to play a case.
   *
   * @param number of the case; what has the same number of both kinds is the same
   */
  WireLane lane(Proxy.Kind kind, WireCase wire, int number) {
    Side side = of(sides, kind);
    if (wire.is(WireCase.Flag.OUTBOUND)) {
      return side.outbound();
    }
    return wire.is(WireCase.Flag.REFUSED) ? side.refused() : side.inbounds().get(number % LANES);
  }

  @Override
  public void close() {
    for (AutoCloseable each : started.reversed()) {
      try {
        each.close();
      } catch (Exception e) {
        throw new IllegalStateException("Something of the mesh does not end", e);
      }
    }
    mesh.close();
  }

  private static <V> V of(Map<Proxy.Kind, V> map, Proxy.Kind kind) {
    return Objects.requireNonNull(map.get(kind), kind.name());
  }

  private Side configure(Dataplane server, Dataplane caller, Dataplane called, Proxy.Kind kind) {
    List<WireLane> inbounds = new ArrayList<>();
    for (int number = 1; number <= LANES; number++) {
      WireApplication application = application();
      inbounds.add(new WireLane(inbound(server, number, application.port()), application));
    }
    int nobody = Dataplane.ofRole("backend").readinessPort();
    WireLane refused = new WireLane(inbound(server, LANES + 1, nobody), application());

    WireApplication behind = application();
    // The two kinds of callers have an application each, behind inbounds of the same Envoy.
    InetSocketAddress peer = inbound(called, LANES + 2 + kind.ordinal(), behind.port());
    mesh.endpoints(caller, mesh.cluster(caller, "backend"), List.of(peer));
    InetSocketAddress outbound =
        new InetSocketAddress(caller.outboundAddress(), caller.outboundPort("backend"));
    return new Side(inbounds, refused, new WireLane(outbound, behind));
  }

  private WireApplication application() {
    WireApplication application = WireApplication.start();
    started.add(application);
    return application;
  }

  /** Gives a server one more inbound like the recorded one. */
  private InetSocketAddress inbound(Dataplane server, int number, int applicationPort) {
    int port = server.inboundPort() + 1 + number;
    String name = "localhost:" + applicationPort;
    mesh.edit(
        server,
        snapshot -> {
          Listener recorded =
              snapshot.resources(Listener.class).stream()
                  .filter(l -> l.getTrafficDirection() == TrafficDirection.INBOUND)
                  .min((a, b) -> Integer.compare(port(a), port(b)))
                  .orElseThrow();
          Cluster local =
              snapshot.resources(Cluster.class).stream()
                  .filter(c -> c.getName().equals("localhost:" + server.applicationPort()))
                  .findFirst()
                  .orElseThrow();
          return snapshot.with(
              cluster(local, name, applicationPort), listener(recorded, port, name));
        });
    return new InetSocketAddress(server.address(), port);
  }

  private static int port(Listener listener) {
    return listener.getAddress().getSocketAddress().getPortValue();
  }

  private static Cluster cluster(Cluster recorded, String name, int port) {
    Cluster.Builder copy =
        recorded.toBuilder().setName(name).setAltStatName(name.replace(':', '_'));
    copy.getLoadAssignmentBuilder()
        .setClusterName(name)
        .getEndpointsBuilder(0)
        .getLbEndpointsBuilder(0)
        .getEndpointBuilder()
        .getAddressBuilder()
        .getSocketAddressBuilder()
        .setPortValue(port);
    return copy.build();
  }

  private static Listener listener(Listener recorded, int port, String cluster) {
    Listener.Builder copy = recorded.toBuilder();
    copy.setName("inbound:" + recorded.getAddress().getSocketAddress().getAddress() + ":" + port);
    copy.getAddressBuilder().getSocketAddressBuilder().setPortValue(port);
    Any.Builder config =
        copy.getFilterChainsBuilder(0).getFiltersBuilder(0).getTypedConfigBuilder();
    try {
      HttpConnectionManager.Builder manager =
          HttpConnectionManager.parseFrom(config.getValue()).toBuilder();
      manager
          .getRouteConfigBuilder()
          .getVirtualHostsBuilder(0)
          .getRoutesBuilder(0)
          .getRouteBuilder()
          .setCluster(cluster);
      config.setValue(manager.build().toByteString());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("A recorded connection manager cannot be read", e);
    }
    return copy.build();
  }
}
