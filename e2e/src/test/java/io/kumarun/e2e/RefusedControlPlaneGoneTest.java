package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.controlplane.ResourceType;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Permission;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Topology;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A control plane that refuses every connection, at the start or in the middle. */
class RefusedControlPlaneGoneTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @Test
  void aSidecarThatStartsFirstIsReadyOnceTheControlPlaneIsThere() {
    Dataplane backend = Dataplane.ofRole("backend");
    try (RefusalLog log = RefusalLog.start();
        DevMesh mesh = DevMesh.start(Scenario.LEGACY_STRICT_HTTP, Topology.of("demo", backend))) {
      mesh.controlPlane().suspend();
      Map<String, String> settings = new HashMap<>(RefusalMesh.SMALL);
      settings.put("KUMA_CONTROL_PLANE_RETRY_BACKOFF", "50ms");
      try (Proxy.Kumarun sidecar = Proxy.Kumarun.launch(mesh, backend, settings)) {
        String line = log.await("control plane https://127.0.0.1:", "cannot be asked");
        assertThat(line).contains("refused", "asking again every 50 ms");
        assertThat(sidecar.sidecar().isReady()).isFalse();
        mesh.controlPlane().resume();
        Awaitility.await().atMost(LIMIT).until(sidecar.sidecar()::isReady);
        assertThat(log.lines("cannot be asked")).as("said once").hasSizeLessThanOrEqualTo(2);
        log.hasNoStackTrace();
      }
    }
  }

  @Test
  void anOutageInTheMiddleIsNotNoticedByTraffic() throws Exception {
    try (RefusalLog log = RefusalLog.start();
        RefusalMesh mesh = RefusalMesh.start(Scenario.LEGACY_STRICT_HTTP)) {
      mesh.neighbourIsServed();
      log.forget();
      mesh.mesh.controlPlane().suspend();
      Awaitility.await()
          .atMost(LIMIT)
          .until(() -> log.lines("no stream to the control").size() == 2);

      for (int i = 0; i < 50; i++) {
        mesh.neighbourIsServed();
        newConnectionIsServed(mesh);
      }
      assertThat(mesh.frontendSidecar.sidecar().isReady()).isTrue();
      assertThat(mesh.backendSidecar.sidecar().isReady()).isTrue();
      assertThat(mesh.backendSidecar.sidecar().metrics().scrape())
          .contains("envoy_control_plane_connected_state{} 0");

      int position = mesh.mesh.journal().position();
      // Changes that are made while nobody listens are heard of afterwards.
      mesh.mesh.permit(mesh.backend, Permission.nobody());
      mesh.mesh.controlPlane().resume();
      mesh.mesh
          .journal()
          .awaitAck(position, mesh.mesh.nodeId(mesh.backend), ResourceType.LISTENER, LIMIT);
      Awaitility.await().atMost(LIMIT).until(() -> mesh.call("backend").statusCode() == 403);
      log.await("connected to the control plane");

      position = mesh.mesh.journal().position();
      mesh.mesh.permit(mesh.backend, Permission.allowing(mesh.mesh.spiffeId(mesh.frontend)));
      mesh.mesh
          .journal()
          .awaitAck(position, mesh.mesh.nodeId(mesh.backend), ResourceType.LISTENER, LIMIT);
      Awaitility.await().atMost(LIMIT).until(() -> mesh.call("backend").statusCode() == 200);

      position = mesh.mesh.journal().position();
      var rotated = mesh.mesh.rotateCertificate(mesh.backend);
      mesh.mesh
          .journal()
          .awaitAck(position, mesh.mesh.nodeId(mesh.backend), ResourceType.SECRET, LIMIT);
      Awaitility.await()
          .atMost(LIMIT)
          .until(() -> RefusalTls.serialShownBy(mesh.backend).equals(rotated.serial()));
      log.hasNoStackTrace();
      assertThat(log.lines()).allSatisfy(line -> assertThat(line).doesNotContain("Exception"));
    }
  }

  private static void newConnectionIsServed(RefusalMesh mesh) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(
                      URI.create(
                          "http://"
                              + mesh.frontend.outboundAddress()
                              + ":"
                              + mesh.frontend.outboundPort("backend")
                              + "/new"))
                  .version(HttpClient.Version.HTTP_1_1)
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }
  }
}
