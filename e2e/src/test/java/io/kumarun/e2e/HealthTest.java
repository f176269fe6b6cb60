package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.authority.KeyKind;
import io.kumarun.devmesh.controlplane.AdsEvent;
import io.kumarun.devmesh.controlplane.ControlPlaneSettings;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Topology;
import io.kumarun.devmesh.service.EchoHttpService;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What health reports do for a user: nobody sends to an application that cannot answer. */
@Timeout(120)
class HealthTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String NO_ENDPOINT = "503 no healthy upstream";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Dataplane frontend = Dataplane.ofRole("frontend");

  /** A real Envoy beside the application shows that the control plane asks as Kuma's does. */
  @ParameterizedTest
  @EnumSource(Proxy.Kind.class)
  void aDeadApplicationLeavesTheEndpointsOfItsCallersAndComesBack(Proxy.Kind server)
      throws Exception {
    if (server == Proxy.Kind.ENVOY) {
      RealEnvoy.orSkip();
    }
    EchoHttpService application = EchoHttpService.start("backend");
    Dataplane backend =
        Dataplane.ofRole("backend").withApplicationPort(application.port()).withServiceProbe();
    try (DevMesh mesh = mesh(backend);
        Proxy in = server.start(mesh, backend);
        Proxy out = Proxy.Kind.KUMARUN.start(mesh, frontend)) {
      assertThat(in).isNotNull();
      assertThat(out).isNotNull();
      awaitAnswer("200");

      application.close();
      awaitAnswer(NO_ENDPOINT);
      mesh.journal()
          .await(
              AdsEvent.Health.class,
              e -> e.cluster().equals("localhost:" + backend.applicationPort()) && !e.healthy(),
              PATIENCE);

      application = EchoHttpService.start("backend", backend.applicationPort());
      awaitAnswer("200");
    } finally {
      application.close();
    }
  }

  @Test
  void aSidecarThatEndsLeavesTheEndpointsOfItsCallersBeforeItsListenerCloses() throws Exception {
    try (EchoHttpService application = EchoHttpService.start("backend")) {
      Dataplane backend = Dataplane.ofRole("backend").withApplicationPort(application.port());
      try (DevMesh mesh = mesh(backend);
          Proxy.Kumarun in =
              Proxy.Kumarun.start(mesh, backend, Map.of("KUMA_DATAPLANE_DRAIN_TIME", "30s"));
          Proxy out = Proxy.Kind.KUMARUN.start(mesh, frontend)) {
        assertThat(out).isNotNull();
        awaitAnswer("200");

        Thread ending = Thread.ofPlatform().start(in.sidecar()::drainAndClose);
        String last = answer();
        while (last.equals("200")) {
          last = answer();
        }

        assertThat(last).isEqualTo(NO_ENDPOINT);
        assertThat(accepts(backend)).isTrue();
        in.sidecar().close();
        assertThat(ending.join(PATIENCE)).isTrue();
        assertThat(accepts(backend)).isFalse();
      }
    }
  }

  private DevMesh mesh(Dataplane backend) {
    return DevMesh.start(
        Scenario.LEGACY_STRICT_HTTP,
        Topology.of("demo", frontend, backend),
        ControlPlaneSettings.forTests().withHealthChecks(Duration.ofMillis(200)),
        KeyKind.EC_P256);
  }

  private void awaitAnswer(String expected) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(answer()).isEqualTo(expected));
  }

  /** The status, and the body unless it is the application's. */
  private String answer() throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(
                    URI.create(
                        "http://"
                            + frontend.outboundAddress()
                            + ":"
                            + frontend.outboundPort("backend")
                            + "/"))
                .timeout(Duration.ofSeconds(10))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    return response.statusCode() == 200 ? "200" : response.statusCode() + " " + response.body();
  }

  private static boolean accepts(Dataplane dataplane) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(dataplane.address(), dataplane.inboundPort()), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
