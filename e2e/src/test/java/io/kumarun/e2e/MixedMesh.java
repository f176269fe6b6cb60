package io.kumarun.e2e;

import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Topology;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A mesh where everything stands side by side behind both kinds of sidecar: for each {@link Way} a
 * frontend that knows only the server of that way. Without an Envoy it has one way.
 */
final class MixedMesh implements AutoCloseable {
  private final DevMesh mesh;
  private final Map<Way, Dataplane> frontends;
  private final Map<Server, Dataplane> servers;
  private final Map<Dataplane, Proxy> proxies;

  /** A role behind a kind of sidecar. */
  private record Server(String role, Proxy.Kind kind) {}

  private MixedMesh(
      DevMesh mesh,
      Map<Way, Dataplane> frontends,
      Map<Server, Dataplane> servers,
      Map<Dataplane, Proxy> proxies) {
    this.mesh = mesh;
    this.frontends = frontends;
    this.servers = servers;
    this.proxies = proxies;
  }

  /**
   * @param applications port of the application on 127.0.0.1 per role; both kinds of sidecar stand
   *     before it
   */
  static MixedMesh start(Scenario scenario, Map<String, Integer> applications) {
    Map<Server, Dataplane> servers = new LinkedHashMap<>();
    Map<Way, Dataplane> frontends = new EnumMap<>(Way.class);
    Map<Dataplane, Proxy.Kind> kinds = new LinkedHashMap<>();
    for (Way way : Way.possible()) {
      applications.forEach(
          (role, port) ->
              servers.computeIfAbsent(
                  new Server(role, way.server()),
                  server -> {
                    Dataplane dataplane =
                        Dataplane.ofRole(role)
                            .named(role + "-" + name(way.server()))
                            .withApplicationPort(port);
                    kinds.put(dataplane, way.server());
                    return dataplane;
                  }));
      Dataplane frontend =
          Dataplane.ofRole("frontend")
              .named("frontend-" + name(way.caller()) + "-" + name(way.server()));
      frontends.put(way, frontend);
      kinds.put(frontend, way.caller());
    }
    DevMesh mesh =
        DevMesh.start(
            scenario, Topology.of("demo", kinds.keySet().toArray(new Dataplane[kinds.size()])));
    frontends.forEach(
        (way, frontend) ->
            applications
                .keySet()
                .forEach(
                    role -> {
                      Dataplane server = dataplane(servers, role, way.server());
                      mesh.endpoints(
                          frontend, mesh.cluster(frontend, role), List.of(inbound(server)));
                    }));
    return new MixedMesh(mesh, frontends, servers, startAll(mesh, kinds));
  }

  private static Map<Dataplane, Proxy> startAll(DevMesh mesh, Map<Dataplane, Proxy.Kind> kinds) {
    Map<Dataplane, CompletableFuture<Proxy>> starting = new LinkedHashMap<>();
    Map<Dataplane, Proxy> started = new LinkedHashMap<>();
    try (ExecutorService starters = Executors.newVirtualThreadPerTaskExecutor()) {
      kinds.forEach(
          (dataplane, kind) ->
              starting.put(
                  dataplane,
                  CompletableFuture.supplyAsync(() -> kind.start(mesh, dataplane), starters)));
    }
    List<Throwable> failures = new ArrayList<>();
    starting.forEach(
        (dataplane, proxy) -> {
          if (proxy.isCompletedExceptionally()) {
            failures.add(proxy.exceptionNow());
          } else {
            started.put(dataplane, proxy.resultNow());
          }
        });
    if (!failures.isEmpty()) {
      closeAll(started.values());
      mesh.close();
      throw new IllegalStateException("A sidecar did not start", failures.getFirst());
    }
    return started;
  }

  DevMesh mesh() {
    return mesh;
  }

  Dataplane frontend(Way way) {
    way.orSkip();
    return Objects.requireNonNull(frontends.get(way), "frontend");
  }

  Dataplane server(String role, Proxy.Kind kind) {
    return dataplane(servers, role, kind);
  }

  /** Where an application calls a service on this way. Skips the test if the way is impossible. */
  InetSocketAddress outbound(Way way, String service) {
    Dataplane frontend = frontend(way);
    return new InetSocketAddress(frontend.outboundAddress(), frontend.outboundPort(service));
  }

  /** Where peers reach a data plane. */
  static InetSocketAddress inbound(Dataplane server) {
    return new InetSocketAddress(server.address(), server.inboundPort());
  }

  /** The lines that this project's sidecar of a data plane has logged by now. */
  List<String> accessLog(Dataplane dataplane) {
    return proxies.get(dataplane) instanceof Proxy.Kumarun kumarun
        ? kumarun.accessLog()
        : List.of();
  }

  @Override
  public void close() {
    closeAll(proxies.values());
    mesh.close();
  }

  private static void closeAll(Collection<Proxy> proxies) {
    try (ExecutorService enders = Executors.newVirtualThreadPerTaskExecutor()) {
      proxies.forEach(proxy -> enders.execute(proxy::close));
    }
  }

  private static Dataplane dataplane(Map<Server, Dataplane> servers, String role, Proxy.Kind kind) {
    return Objects.requireNonNull(servers.get(new Server(role, kind)), role);
  }

  private static String name(Proxy.Kind kind) {
    return kind == Proxy.Kind.ENVOY ? "envoy" : "kumarun";
  }
}
