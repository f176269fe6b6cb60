package io.kumarun.devmesh.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.controlplane.AdsEvent;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Permission;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Topology;
import io.kumarun.devmesh.service.EchoGrpc;
import io.kumarun.devmesh.service.EchoGrpcService;
import io.kumarun.devmesh.service.EchoHttpService;
import io.kumarun.devmesh.service.EchoTcpService;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** A real Envoy is the judge of what the scenarios say. */
class ScenariosOnEnvoyTest {

  private static final Duration LIVE = Duration.ofSeconds(30);
  private static final Duration SOON = Duration.ofSeconds(10);

  private static Path envoy = Path.of("");

  @BeforeAll
  static void findEnvoy() {
    envoy = RealEnvoy.orSkip();
  }

  @ParameterizedTest
  @EnumSource(value = Scenario.class, mode = Mode.MATCH_NONE, names = ".*PROTOCOLS")
  void envoyTakesEveryResourceAndCallsGoThrough(Scenario scenario) throws Exception {
    try (EchoHttpService application = EchoHttpService.start("backend")) {
      Dataplane frontend = Dataplane.ofRole("frontend");
      Dataplane backend = Dataplane.ofRole("backend").withApplicationPort(application.port());
      try (DevMesh mesh = DevMesh.start(scenario, Topology.of("demo", frontend, backend));
          EnvoyProcess server = EnvoyProcess.launch(envoy, mesh.envoyBootstrap(backend, true));
          EnvoyProcess caller = EnvoyProcess.launch(envoy, mesh.envoyBootstrap(frontend, true))) {
        server.awaitLive(LIVE);
        caller.awaitLive(LIVE);

        HttpResponse<String> answer = get(frontend);

        assertThat(nacks(mesh)).isEmpty();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        if (scenario.identity() != Scenario.Identity.NONE) {
          assertThat(EchoHttpService.read(answer.body()).get("header-x-forwarded-client-cert"))
              .contains("URI=" + mesh.spiffeId(frontend));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(value = Scenario.class, mode = Mode.MATCH_ANY, names = ".*PROTOCOLS")
  void tcpAndGrpcGoThroughAndAreDenied(Scenario scenario) throws Exception {
    try (EchoTcpService tcp = EchoTcpService.start("tcp");
        EchoGrpcService grpc = EchoGrpcService.start("grpc")) {
      Dataplane frontend = Dataplane.ofRole("frontend");
      Dataplane tcpSide = Dataplane.ofRole("backend-tcp").withApplicationPort(tcp.port());
      Dataplane grpcSide = Dataplane.ofRole("backend-grpc").withApplicationPort(grpc.port());
      Topology topology = Topology.of("demo", frontend, tcpSide, grpcSide);
      try (DevMesh mesh = DevMesh.start(scenario, topology);
          EnvoyProcess one = EnvoyProcess.launch(envoy, mesh.envoyBootstrap(tcpSide, true));
          EnvoyProcess two = EnvoyProcess.launch(envoy, mesh.envoyBootstrap(grpcSide, true));
          EnvoyProcess caller = EnvoyProcess.launch(envoy, mesh.envoyBootstrap(frontend, true))) {
        one.awaitLive(LIVE);
        two.awaitLive(LIVE);
        caller.awaitLive(LIVE);

        assertThat(nacks(mesh)).isEmpty();
        assertThat(echo(frontend, "ping")).isEqualTo("ping");
        assertThat(unary(frontend, "hello")).isEqualTo("hello");

        mesh.permit(tcpSide, Permission.allowing("spiffe://demo/somebody-else"));

        Awaitility.await().atMost(SOON).until(() -> echo(frontend, "ping").isEmpty());
        assertThat(nacks(mesh)).isEmpty();
      }
    }
  }

  private static List<AdsEvent.Received> nacks(DevMesh mesh) {
    return mesh.journal().events(AdsEvent.Received.class).stream()
        .filter(AdsEvent.Received::isNack)
        .toList();
  }

  private static HttpResponse<String> get(Dataplane frontend) throws Exception {
    URI uri =
        URI.create(
            "http://%s:%d/hello"
                .formatted(frontend.outboundAddress(), frontend.outboundPort("backend")));
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(uri).timeout(SOON).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  /**
   * What the TCP application sends back; empty if the connection is closed instead. Its greeting
   * says nothing: Envoy decides about a connection at the first byte of the caller, and what the
   * application says before that is let through.
   */
  private static String echo(Dataplane frontend, String line) {
    try (Socket socket =
        new Socket(frontend.outboundAddress(), frontend.outboundPort("backend-tcp"))) {
      socket.setSoTimeout((int) SOON.toMillis());
      socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      String greeting = reader.readLine();
      String answer = greeting == null ? null : reader.readLine();
      return answer == null ? "" : answer;
    } catch (IOException e) {
      return "";
    }
  }

  private static String unary(Dataplane frontend, String message) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(
                frontend.outboundAddress(), frontend.outboundPort("backend-grpc"))
            .usePlaintext()
            .build();
    try {
      return new String(
          ClientCalls.blockingUnaryCall(
              channel,
              EchoGrpc.UNARY,
              CallOptions.DEFAULT.withDeadlineAfter(SOON),
              message.getBytes(StandardCharsets.UTF_8)),
          StandardCharsets.UTF_8);
    } finally {
      channel.shutdownNow();
    }
  }
}
