package io.kumarun.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.sidecar.admin.ServerState;
import io.kumarun.sidecar.settings.Settings;
import io.kumarun.sidecar.settings.StartupException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SidecarTest {
  private final FakeParts parts = new FakeParts();
  private final HttpClient http = HttpClient.newHttpClient();
  private Sidecar sidecar;

  @BeforeEach
  void start() throws IOException {
    sidecar = Sidecar.start(settings(freePort()), parts);
  }

  @AfterEach
  void close() {
    sidecar.close();
    http.close();
  }

  @Test
  void itIsReadyOnceACompleteConfigurationIsInUse() throws Exception {
    assertReady(503, "NOT_READY");

    parts.receiver().onConfig(MeshConfig.EMPTY);
    assertReady(503, "NOT_READY");
    assertThat(get("/metrics").body()).contains("envoy_server_live{} 0\n");

    parts.complete = true;
    assertReady(200, "READY");
    assertThat(get("/metrics").body())
        .contains("envoy_server_live{} 1\n", "envoy_control_plane_connected_state{} 1\n");
  }

  @Test
  void whatCannotBeServedDoesNotStopTheRest() throws Exception {
    parts.problems = List.of("listener a: port 80 is taken");
    configure();
    assertReady(200, "READY");
  }

  @Test
  void aDrainServesOnForItsWholeTimeAndThenLeavesTheMesh() throws Exception {
    configure();
    Thread draining = Thread.ofPlatform().start(sidecar::drainAndClose);
    await().until(() -> parts.events.contains("drain inbound"));
    assertReady(503, "TERMINATING");
    assertThat(draining.join(Duration.ofMillis(50))).isFalse();
    assertThat(parts.events).doesNotContain("leave");

    sidecar.cutDrainingShort();
    draining.join();
    assertThat(parts.events)
        .containsExactly("join", "apply", "report", "drain inbound", "leave", "close traffic");
  }

  @Test
  void whatNeverServedAnythingEndsAtOnce() {
    sidecar.drainAndClose();
    assertThat(parts.events).containsExactly("join", "leave", "close traffic");
  }

  @Test
  void afterADrainOfInboundTheSidecarStaysReadyAndThenEndsAtOnce() {
    configure();
    sidecar.drainInbound();
    sidecar.drainInbound();
    assertThat(parts.events).containsExactly("join", "apply", "drain inbound");
    assertThat(sidecar.state()).isEqualTo(ServerState.LIVE);

    sidecar.drainAndClose();
    assertThat(parts.events)
        .containsExactly("join", "apply", "drain inbound", "leave", "close traffic");
  }

  @Test
  void peersThatHearOfTheEndGetTimeBeforeTheirConnectionsAreAskedToEnd() throws IOException {
    FakeParts reporting = new FakeParts();
    reporting.healthReported = true;
    Sidecar ending =
        Sidecar.start(
            settings(freePort(), Map.of("KUMA_DATAPLANE_DRAIN_TIME", "200ms")), reporting);
    assertThat(reporting.receiver().ready()).isFalse();
    reporting.receiver().onConfig(MeshConfig.EMPTY);
    reporting.complete = true;
    assertThat(reporting.receiver().ready()).isTrue();

    long begin = System.nanoTime();
    ending.drainAndClose();

    assertThat(reporting.receiver().ready()).isFalse();
    assertThat(reporting.events)
        .containsExactly("join", "apply", "report", "drain inbound", "leave", "close traffic");
    assertThat(System.nanoTime() - begin).isGreaterThan(Duration.ofMillis(200).toNanos());
  }

  @Test
  void aLateConfigurationDoesNotMakeADrainingSidecarReady() {
    sidecar.drainAndClose();
    configure();
    assertThat(sidecar.state()).isEqualTo(ServerState.DRAINING);
  }

  @Test
  void closingTwiceClosesOnce() {
    sidecar.close();
    sidecar.close();
    assertThat(parts.events).containsExactly("join", "leave", "close traffic");
  }

  @Test
  void aPortThatIsTakenIsNamedWithItsSetting() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Settings settings = settings(taken.getLocalPort());
      assertThatThrownBy(() -> Sidecar.start(settings, new FakeParts()))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("KUMA_READINESS_PORT=" + taken.getLocalPort());
    }
  }

  @Test
  void severalLiveInOneProcess() throws IOException {
    FakeParts others = new FakeParts();
    try (Sidecar second = Sidecar.start(settings(freePort()), others)) {
      configure();
      assertThat(sidecar.state()).isEqualTo(ServerState.LIVE);
      assertThat(second.state()).isEqualTo(ServerState.INITIALIZING);
    }
    assertThat(sidecar.state()).isEqualTo(ServerState.LIVE);
  }

  @Test
  void theAdminPortAnswersNothingElse() throws Exception {
    assertThat(get("/quitquitquit").statusCode()).isEqualTo(404);
    HttpResponse<String> post =
        http.send(
            HttpRequest.newBuilder(uri("/ready")).POST(BodyPublishers.ofString("x")).build(),
            BodyHandlers.ofString());
    assertThat(post.statusCode()).isEqualTo(405);
  }

  private void configure() {
    parts.receiver().onConfig(MeshConfig.EMPTY);
    parts.complete = true;
  }

  private void assertReady(int status, String body) throws Exception {
    HttpResponse<String> response = get("/ready");
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.body()).isEqualTo(body);
    assertThat(response.headers().firstValue("content-type")).hasValue("text/plain");
  }

  private HttpResponse<String> get(String path) throws Exception {
    return http.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + sidecar.adminPort() + path);
  }

  static Settings settings(int readinessPort) {
    return settings(readinessPort, Map.of());
  }

  private static Settings settings(int readinessPort, Map<String, String> more) {
    Map<String, String> all = new HashMap<>(more);
    all.put("KUMA_DATAPLANE_NAME", "backend-1");
    all.put("KUMA_READINESS_PORT", Integer.toString(readinessPort));
    all.put("KUMA_DATAPLANE_RUNTIME_CONCURRENCY", "1");
    all.put("KUMARUN_ACCESS_LOG", "off");
    return Settings.from(all);
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
