package io.kumarun.devmesh.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.controlplane.AdsEvent;
import io.kumarun.devmesh.controlplane.Journal;
import io.kumarun.devmesh.controlplane.ResourceType;
import io.kumarun.devmesh.scenario.BadResource;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Permission;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Topology;
import io.kumarun.devmesh.service.EchoHttpService;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvoyOnDevMeshTest {

  private static final Duration SOON = Duration.ofSeconds(10);

  private static Path envoy = Path.of("");

  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeAll
  static void findEnvoy() {
    envoy = RealEnvoy.orSkip();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void envoysCallEachOtherWithLegacyMtlsAndPermissionsAreKept(boolean delta) throws Exception {
    try (EchoHttpService application = EchoHttpService.start("backend")) {
      Dataplane frontend = Dataplane.ofRole("frontend");
      Dataplane backend = Dataplane.ofRole("backend").withApplicationPort(application.port());

      Topology topology = Topology.of("demo", frontend, backend);
      try (DevMesh mesh = DevMesh.start(Scenario.LEGACY_STRICT_HTTP, topology);
          EnvoyProcess server = EnvoyProcess.start(envoy, mesh.envoyBootstrap(backend, delta));
          EnvoyProcess caller = EnvoyProcess.start(envoy, mesh.envoyBootstrap(frontend, delta))) {
        HttpResponse<String> answer = call(frontend);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        Map<String, String> seen = EchoHttpService.read(answer.body());
        assertThat(seen.get("header-x-forwarded-client-cert"))
            .contains("URI=spiffe://demo/frontend");
        assertThat(mesh.journal().events(AdsEvent.Connected.class))
            .hasSize(2)
            .allMatch(connected -> connected.delta() == delta);
        assertThat(
                mesh.journal().events(AdsEvent.Received.class).stream()
                    .filter(AdsEvent.Received::isNack))
            .isEmpty();

        mesh.permit(backend, Permission.allowing("spiffe://demo/somebody-else"));

        Awaitility.await()
            .atMost(SOON)
            .untilAsserted(
                () -> {
                  HttpResponse<String> denied = call(frontend);
                  assertThat(denied.statusCode()).isEqualTo(403);
                  assertThat(denied.body()).isEqualTo("RBAC: access denied");
                });
        assertThat(server.isAlive()).isTrue();
        assertThat(caller.admin().get("/clusters")).contains("backend::");
      }
    }
  }

  @Test
  void changesReachAConnectedEnvoy() throws Exception {
    try (EchoHttpService application = EchoHttpService.start("backend")) {
      Dataplane frontend = Dataplane.ofRole("frontend");
      Dataplane backend = Dataplane.ofRole("backend").withApplicationPort(application.port());
      try (DevMesh mesh =
              DevMesh.start(Scenario.IDENTITY_STRICT_HTTP, Topology.of("demo", frontend, backend));
          EnvoyProcess server = EnvoyProcess.start(envoy, mesh.envoyBootstrap(backend, true));
          EnvoyProcess caller = EnvoyProcess.start(envoy, mesh.envoyBootstrap(frontend, true))) {
        Journal journal = mesh.journal();
        assertThat(call(frontend).statusCode()).isEqualTo(200);

        int rotation = journal.position();
        mesh.rotateAuthority();
        mesh.rotateCertificate(frontend);
        mesh.rotateCertificate(backend);
        mesh.forgetPreviousAuthority();
        for (Dataplane dataplane : mesh.topology().dataplanes()) {
          journal.awaitAck(rotation, mesh.nodeId(dataplane), ResourceType.SECRET, SOON);
        }
        assertThat(call(frontend).statusCode()).isEqualTo(200);

        mesh.endpoints(frontend, mesh.cluster(frontend, "backend"), List.of());
        Awaitility.await().atMost(SOON).until(() -> call(frontend).statusCode() == 503);
        mesh.play(Scenario.IDENTITY_KRI_HTTP);
        Awaitility.await().atMost(SOON).until(() -> call(frontend).statusCode() == 200);

        int mistake = journal.position();
        mesh.edit(
            frontend,
            snapshot ->
                snapshot.with(BadResource.unknownFilter("broken", frontend.address(), 12345)));
        assertThat(
                journal
                    .awaitNack(mistake, mesh.nodeId(frontend), ResourceType.LISTENER, SOON)
                    .error())
            .contains("broken");
        assertThat(call(frontend).statusCode()).isEqualTo(200);
        assertThat(server.isAlive() && caller.isAlive()).isTrue();
      }
    }
  }

  private HttpResponse<String> call(Dataplane frontend) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(
                URI.create(
                    "http://%s:%d/hello"
                        .formatted(frontend.outboundAddress(), frontend.outboundPort("backend"))))
            .timeout(SOON)
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
