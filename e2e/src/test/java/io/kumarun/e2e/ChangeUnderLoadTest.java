package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.authority.IssuedCertificate;
import io.kumarun.devmesh.controlplane.AdsEvent;
import io.kumarun.devmesh.controlplane.ResourceType;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Scenario.Identity;
import io.kumarun.devmesh.scenario.Topology;
import io.kumarun.devmesh.service.EchoGrpcService;
import io.kumarun.devmesh.service.EchoHttpService;
import io.kumarun.devmesh.service.EchoTcpService;
import java.math.BigInteger;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Everything that a control plane can change changes while requests are under way, and none of them
 * fails. The callers send no request twice, so every connection that ends unannounced counts.
 *
 * <p>{@code -Dkumarun.changes=<n>} makes n rounds of every change instead of the usual few.
 */
class ChangeUnderLoadTest {
  private static final Duration SOON = Duration.ofSeconds(15);
  private static final Duration POLL = Duration.ofMillis(5);
  private static final Duration BUSY = Duration.ofMillis(1);
  private static final Duration NEW_CONNECTION = Duration.ofMillis(4);

  /** Long enough for a change to find the connection idle. */
  private static final Duration IDLE = Duration.ofMillis(25);

  /** Requests that each caller makes before the next change. */
  private static final int TRAFFIC = 3;

  private static int rounds(int usual) {
    return Integer.getInteger("kumarun.changes", usual);
  }

  static List<Arguments> pairs() {
    List<Arguments> all = new ArrayList<>();
    for (Scenario scenario :
        List.of(Scenario.LEGACY_STRICT_PROTOCOLS, Scenario.IDENTITY_STRICT_PROTOCOLS)) {
      all.add(Arguments.of(scenario, Proxy.Kind.KUMARUN, Proxy.Kind.KUMARUN, rounds(20)));
      all.add(Arguments.of(scenario, Proxy.Kind.KUMARUN, Proxy.Kind.ENVOY, rounds(5)));
      all.add(Arguments.of(scenario, Proxy.Kind.ENVOY, Proxy.Kind.KUMARUN, rounds(5)));
    }
    return all;
  }

  /**
   * In every rotation each inbound shows its new certificate to a new connection, and the frontend
   * its own to an endpoint; every third also changes the authority, with an overlap. HTTP/2
   * connections between the sidecars, and the long gRPC stream on them, outlive them all.
   */
  @ParameterizedTest
  @MethodSource("pairs")
  void everyRotatedCertificateIsSeenAndNoRequestFails(
      Scenario scenario, Proxy.Kind caller, Proxy.Kind server, int rotations) throws Exception {
    if (caller == Proxy.Kind.ENVOY || server == Proxy.Kind.ENVOY) {
      RealEnvoy.orSkip();
    }
    try (EchoHttpService http = EchoHttpService.start("http");
        EchoTcpService tcp = EchoTcpService.start("tcp");
        EchoGrpcService grpc = EchoGrpcService.start("grpc")) {
      Dataplane frontend = Dataplane.ofRole("frontend");
      Dataplane httpSide = Dataplane.ofRole("backend").withApplicationPort(http.port());
      Dataplane tcpSide = Dataplane.ofRole("backend-tcp").withApplicationPort(tcp.port());
      Dataplane grpcSide = Dataplane.ofRole("backend-grpc").withApplicationPort(grpc.port());
      List<Dataplane> backends = List.of(httpSide, tcpSide, grpcSide);
      Caller.Grpc grpcCaller = new Caller.Grpc(outbound(frontend, "backend-grpc"));
      try (DevMesh mesh =
              DevMesh.start(scenario, Topology.of("demo", frontend, httpSide, tcpSide, grpcSide));
          Handshakes witness = new Handshakes(witnessCertificate(mesh, tcpSide));
          Proxy one = server.start(mesh, httpSide);
          Proxy two = server.start(mesh, tcpSide);
          Proxy three = server.start(mesh, grpcSide);
          Proxy four = caller.start(mesh, frontend);
          Load load = httpLoad(() -> outbound(frontend, "backend"))) {
        assertThat(List.of(one, two, three, four)).doesNotContainNull();
        load.with("tcp", NEW_CONNECTION, new Caller.Tcp(() -> outbound(frontend, "backend-tcp")))
            .with("grpc", BUSY, grpcCaller);
        mesh.endpoints(
            frontend,
            mesh.cluster(frontend, "backend-tcp"),
            List.of(inbound(tcpSide), witness.address()));

        for (int rotation = 1; rotation <= rotations; rotation++) {
          load.phase("rotation " + rotation);
          boolean newAuthority = rotation % 3 == 0;
          if (newAuthority) {
            awaitSecrets(mesh, mesh::rotateAuthority);
            witness.show(witnessCertificate(mesh, tcpSide));
          }
          Map<Dataplane, BigInteger> serials = new LinkedHashMap<>();
          for (Dataplane dataplane : mesh.topology().dataplanes()) {
            serials.put(dataplane, mesh.rotateCertificate(dataplane).serial());
          }
          String what = "in rotation %d by ".formatted(rotation);
          for (Dataplane backend : backends) {
            await(what + backend.name())
                .until(() -> Handshakes.shownBy(inbound(backend)).equals(serials.get(backend)));
          }
          await(what + frontend.name())
              .until(() -> witness.sawClient(serials.getOrDefault(frontend, BigInteger.ZERO)));
          if (newAuthority) {
            awaitSecrets(mesh, mesh::forgetPreviousAuthority);
          }
          load.awaitTraffic(TRAFFIC);
        }
        load.close();
        load.assertNothingFailed();
        assertThat(load.phases()).isEqualTo(rotations);
        assertNoNack(mesh);
      } finally {
        grpcCaller.shutDown();
      }
    }
  }

  private static IssuedCertificate witnessCertificate(DevMesh mesh, Dataplane like) {
    return mesh.authority().issue(List.of(mesh.spiffeId(like)));
  }

  private static void awaitSecrets(DevMesh mesh, Runnable change) {
    int position = mesh.journal().position();
    change.run();
    for (Dataplane dataplane : mesh.topology().dataplanes()) {
      mesh.journal().awaitAck(position, mesh.nodeId(dataplane), ResourceType.SECRET, SOON);
    }
  }

  /**
   * Names of clusters and listeners, filters, identities, and TLS or not: all change in place.
   *
   * <p>Where both scenarios know the same identities, both ends are told at once. Between identity
   * schemes, and between TLS and none, no simultaneous change can be without loss, whatever the
   * proxies: for a moment one end would be new and the other old. So it is done as an operator does
   * it: first the server takes both (permissive), then the client goes over to cleartext, then the
   * server to the other scheme (permissive), then the client, and at the end both become strict.
   * Two real Envoys that were told of strict to strict at once lost requests, too; and they lose
   * some wherever a cluster changes its name, which is not allowed here.
   */
  @Test
  void scenariosChangeAndNoRequestFails() throws Exception {
    List<Scenario> round =
        List.of(
            Scenario.LEGACY_PERMISSIVE_HTTP,
            Scenario.MESHTLS_PERMISSIVE_HTTP,
            Scenario.LEGACY_STRICT_HTTP,
            Scenario.IDENTITY_STRICT_HTTP,
            Scenario.IDENTITY_KRI_HTTP,
            Scenario.IDENTITY_RULES_HTTP,
            Scenario.IDENTITY_PERMISSIVE_HTTP,
            Scenario.PLAIN_HTTP,
            Scenario.IDENTITY_KRI_HTTP,
            Scenario.LEGACY_STRICT_HTTP);
    try (EchoHttpService http = EchoHttpService.start("http")) {
      Dataplane frontend = Dataplane.ofRole("frontend");
      Dataplane backend = Dataplane.ofRole("backend").withApplicationPort(http.port());
      try (DevMesh mesh =
              DevMesh.start(Scenario.LEGACY_STRICT_HTTP, Topology.of("demo", frontend, backend));
          Proxy in = Proxy.Kind.KUMARUN.start(mesh, backend);
          Proxy out = Proxy.Kind.KUMARUN.start(mesh, frontend);
          Load load = httpLoad(() -> outbound(frontend, "backend"))) {
        assertThat(in).isNotEqualTo(out);
        Scenario current = Scenario.LEGACY_STRICT_HTTP;
        for (int number = 0; number < rounds(2) * round.size(); number++) {
          Scenario next = round.get(number % round.size());
          switchTo(mesh, load, current, next, frontend, backend);
          current = next;
        }
        load.close();
        load.assertNothingFailed();
        assertThat(load.phases()).isGreaterThanOrEqualTo(rounds(2) * round.size());
        assertNoNack(mesh);
      }
    }
  }

  private static void switchTo(
      DevMesh mesh, Load load, Scenario from, Scenario to, Dataplane frontend, Dataplane backend) {
    if (from.identity() != to.identity()) {
      step(mesh, load, permissive(from), backend);
      step(mesh, load, Scenario.PLAIN_HTTP, frontend);
      step(mesh, load, permissive(to), backend);
      step(mesh, load, permissive(to), frontend);
    }
    step(mesh, load, to, frontend, backend);
  }

  private static Scenario permissive(Scenario scenario) {
    return switch (scenario.identity()) {
      case NONE -> Scenario.PLAIN_HTTP;
      case LEGACY -> Scenario.LEGACY_PERMISSIVE_HTTP;
      case MESH_IDENTITY -> Scenario.IDENTITY_PERMISSIVE_HTTP;
    };
  }

  /** Tells data planes at once, waits until it is in use and every caller has felt it. */
  private static void step(DevMesh mesh, Load load, Scenario to, Dataplane... dataplanes) {
    int position = mesh.journal().position();
    List<String> names = Stream.of(dataplanes).map(Dataplane::name).toList();
    load.phase(to.id() + " for " + names);
    for (Dataplane dataplane : dataplanes) {
      mesh.play(to, dataplane);
    }
    for (Dataplane dataplane : dataplanes) {
      awaitInUse(mesh, dataplane, position, to.identity() != Identity.NONE);
    }
    load.awaitTraffic(TRAFFIC);
  }

  /** What a scenario brings always has new listeners and, with an identity, a new certificate. */
  private static void awaitInUse(DevMesh mesh, Dataplane dataplane, int position, boolean secret) {
    String node = mesh.nodeId(dataplane);
    if (secret) {
      String certificate =
          mesh.snapshot(dataplane).resources(Secret.class).stream()
              .filter(Secret::hasTlsCertificate)
              .map(Secret::getName)
              .findFirst()
              .orElseThrow();
      AdsEvent.Sent sent =
          mesh.journal()
              .await(
                  position,
                  AdsEvent.Sent.class,
                  s ->
                      s.nodeId().equals(node)
                          && s.isAbout(ResourceType.SECRET)
                          && s.names().contains(certificate),
                  SOON);
      awaitAckOf(mesh, sent, position);
    }
    mesh.journal().eventsSince(position).stream()
        .filter(AdsEvent.Sent.class::isInstance)
        .map(AdsEvent.Sent.class::cast)
        .filter(sent -> sent.nodeId().equals(node))
        .forEach(sent -> awaitAckOf(mesh, sent, position));
  }

  private static void awaitAckOf(DevMesh mesh, AdsEvent.Sent sent, int position) {
    mesh.journal()
        .await(
            position,
            AdsEvent.Received.class,
            r -> r.nodeId().equals(sent.nodeId()) && r.nonce().equals(sent.nonce()) && r.isAck(),
            SOON);
  }

  @Test
  void endpointsComeAndGoAndNoRequestFails() throws Exception {
    try (EchoHttpService first = EchoHttpService.start("first");
        EchoHttpService second = EchoHttpService.start("second")) {
      Dataplane frontend = Dataplane.ofRole("frontend");
      Dataplane one = Dataplane.ofRole("backend").withApplicationPort(first.port());
      Dataplane two =
          Dataplane.ofRole("backend").named("backend-2").withApplicationPort(second.port());
      try (DevMesh mesh =
              DevMesh.start(
                  Scenario.IDENTITY_STRICT_HTTP, Topology.of("demo", frontend, one, two));
          Proxy in = Proxy.Kind.KUMARUN.start(mesh, one);
          Proxy also = Proxy.Kind.KUMARUN.start(mesh, two);
          Proxy out = Proxy.Kind.KUMARUN.start(mesh, frontend)) {
        assertThat(List.of(in, also, out)).doesNotContainNull();
        String cluster = mesh.cluster(frontend, "backend");
        List<List<InetSocketAddress>> steps =
            List.of(
                List.of(inbound(one)),
                List.of(inbound(one), inbound(two)),
                List.of(inbound(two)),
                List.of(inbound(two), inbound(one)));
        try (Load load = httpLoad(() -> outbound(frontend, "backend"))) {
          for (int number = 0; number < rounds(5) * steps.size(); number++) {
            List<InetSocketAddress> endpoints = steps.get(number % steps.size());
            int position = mesh.journal().position();
            mesh.endpoints(frontend, cluster, endpoints);
            mesh.journal().awaitAck(position, mesh.nodeId(frontend), ResourceType.ENDPOINT, SOON);
            load.phase("endpoints " + endpoints);
            load.awaitTraffic(TRAFFIC);
          }
          load.close();
          load.assertNothingFailed();
        }

        mesh.endpoints(frontend, cluster, List.of());
        await("no endpoint")
            .untilAsserted(
                () -> {
                  HttpSocket.Answer answer = ask(frontend);
                  assertThat(answer.status()).isEqualTo(503);
                  assertThat(answer.body()).isEqualTo("no healthy upstream");
                });
        mesh.endpoints(frontend, cluster, List.of(inbound(one)));
        await("an endpoint again")
            .untilAsserted(() -> assertThat(ask(frontend).status()).isEqualTo(200));
      }
    }
  }

  /** Callers move to the new port once it is there, as from one Service port to another. */
  @Test
  void listenersMoveGoAndComeBackAndNoRequestFails() throws Exception {
    try (EchoHttpService http = EchoHttpService.start("http")) {
      Dataplane frontend = Dataplane.ofRole("frontend");
      Dataplane backend = Dataplane.ofRole("backend").withApplicationPort(http.port());
      try (DevMesh mesh =
              DevMesh.start(Scenario.IDENTITY_STRICT_HTTP, Topology.of("demo", frontend, backend));
          Proxy in = Proxy.Kind.KUMARUN.start(mesh, backend);
          Proxy out = Proxy.Kind.KUMARUN.start(mesh, frontend)) {
        assertThat(in).isNotEqualTo(out);
        AtomicInteger port = new AtomicInteger(frontend.outboundPort("backend"));
        Supplier<InetSocketAddress> address =
            () -> new InetSocketAddress(frontend.outboundAddress(), port.get());
        Listener listener = listenerAt(mesh, frontend, address.get());
        try (Load load = httpLoad(address)) {
          for (int number = 1; number <= rounds(5); number++) {
            InetSocketAddress before = address.get();
            InetSocketAddress after =
                new InetSocketAddress(frontend.outboundAddress(), freePort(frontend));
            Listener moved = movedTo(listener, after);
            int position = mesh.journal().position();
            mesh.edit(frontend, snapshot -> snapshot.with(moved));
            mesh.journal().awaitAck(position, mesh.nodeId(frontend), ResourceType.LISTENER, SOON);
            load.phase("listener " + number + " also on " + after);
            port.set(after.getPort());
            load.awaitTraffic(TRAFFIC);

            String gone = listener.getName();
            int removal = mesh.journal().position();
            mesh.edit(frontend, snapshot -> snapshot.without(ResourceType.LISTENER, gone));
            mesh.journal().awaitAck(removal, mesh.nodeId(frontend), ResourceType.LISTENER, SOON);
            load.phase("listener " + number + " no longer on " + before);
            load.awaitTraffic(TRAFFIC);
            assertRefused(before);
            listener = moved;
          }
          load.close();
          load.assertNothingFailed();
        }

        Listener last = listener;
        mesh.edit(frontend, snapshot -> snapshot.without(ResourceType.LISTENER, last.getName()));
        await("the listener is gone").untilAsserted(() -> assertRefused(address.get()));
        mesh.edit(frontend, snapshot -> snapshot.with(last));
        await("the listener is back")
            .ignoreExceptions()
            .untilAsserted(
                () -> {
                  try (HttpSocket socket = new HttpSocket(address.get())) {
                    assertThat(socket.exchange("GET", "/back", "").status()).isEqualTo(200);
                  }
                });
      }
    }
  }

  private static Listener listenerAt(DevMesh mesh, Dataplane frontend, InetSocketAddress address) {
    return mesh.snapshot(frontend).resources(Listener.class).stream()
        .filter(l -> l.getAddress().getSocketAddress().getPortValue() == address.getPort())
        .filter(
            l -> l.getAddress().getSocketAddress().getAddress().equals(frontend.outboundAddress()))
        .findFirst()
        .orElseThrow();
  }

  private static Listener movedTo(Listener listener, InetSocketAddress address) {
    return listener.toBuilder()
        .setName("outbound:" + address.getHostString() + ":" + address.getPort())
        .setAddress(
            Address.newBuilder()
                .setSocketAddress(
                    SocketAddress.newBuilder()
                        .setAddress(address.getHostString())
                        .setPortValue(address.getPort())))
        .build();
  }

  private static int freePort(Dataplane dataplane) throws Exception {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(dataplane.outboundAddress(), 0));
      return socket.getLocalPort();
    }
  }

  private static void assertRefused(InetSocketAddress address) {
    assertThat(
            catchThrowable(
                () -> {
                  try (HttpSocket socket = new HttpSocket(address)) {
                    socket.exchange("GET", "/", "");
                  }
                }))
        .isInstanceOf(ConnectException.class);
  }

  private static HttpSocket.Answer ask(Dataplane frontend) throws Exception {
    try (HttpSocket socket = new HttpSocket(outbound(frontend, "backend"))) {
      return socket.exchange("GET", "/hello", "");
    }
  }

  private static Load httpLoad(Supplier<InetSocketAddress> address) {
    return new Load()
        .with("kept-alive", BUSY, new Caller.KeptAlive(address))
        .with("also-kept-alive", BUSY, new Caller.KeptAlive(address))
        .with("often-idle", IDLE, new Caller.KeptAlive(address))
        .with("new-connections", NEW_CONNECTION, new Caller.NewConnection(address));
  }

  private static void assertNoNack(DevMesh mesh) {
    assertThat(
            mesh.journal().events(AdsEvent.Received.class).stream()
                .filter(AdsEvent.Received::isNack))
        .isEmpty();
  }

  private static InetSocketAddress outbound(Dataplane frontend, String service) {
    return new InetSocketAddress(frontend.outboundAddress(), frontend.outboundPort(service));
  }

  private static InetSocketAddress inbound(Dataplane dataplane) {
    return new InetSocketAddress(dataplane.address(), dataplane.inboundPort());
  }

  private static ConditionFactory await(String what) {
    return Awaitility.await(what).atMost(SOON).pollDelay(Duration.ZERO).pollInterval(POLL);
  }
}
