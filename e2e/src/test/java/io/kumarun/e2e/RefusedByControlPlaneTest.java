package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumarun.devmesh.authority.CertificateAuthority;
import io.kumarun.devmesh.authority.IssuedCertificate;
import io.kumarun.devmesh.authority.KeyKind;
import io.kumarun.devmesh.authority.TokenSubject;
import io.kumarun.devmesh.authority.Validity;
import io.kumarun.devmesh.controlplane.AdsEvent;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Scenario;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sidecar that the control plane does not let in, or that does not trust the control plane. */
class RefusedByControlPlaneTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String CA = "KUMA_CONTROL_PLANE_CA_CERT";
  private static final String TOKEN = "KUMA_DATAPLANE_RUNTIME_TOKEN";
  private static final String TOKEN_PATH = "KUMA_DATAPLANE_RUNTIME_TOKEN_PATH";

  private static final Dataplane STRANGER = Dataplane.ofRole("frontend").named("stranger");
  private static RefusalMesh mesh;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    mesh = RefusalMesh.start(Scenario.LEGACY_STRICT_HTTP, STRANGER);
  }

  @AfterAll
  static void stop() {
    mesh.close();
  }

  @Test
  void aControlPlaneOfAnotherAuthorityIsNotJoined() throws Exception {
    String other = CertificateAuthority.create("other", KeyKind.EC_P256).certificatePem();
    staysOut(
        Map.of(CA, other),
        "control plane https://127.0.0.1:",
        "the server's certificate was not issued by the given CA certificate");
  }

  @Test
  void aControlPlaneOfAnotherNameIsNotJoined() throws Exception {
    CertificateAuthority authority = CertificateAuthority.create("cp", KeyKind.EC_P256);
    IssuedCertificate elsewhere =
        authority.issueForHosts(
            List.of("kuma-cp.example"),
            List.of(),
            Validity.lasting(Instant.now(), Duration.ofDays(1)));
    try (RefusalServer server = RefusalServer.showing(elsewhere)) {
      staysOut(
          Map.of(
              CA,
              authority.certificatePem(),
              "KUMA_CONTROL_PLANE_URL",
              "https://127.0.0.1:" + server.address().getPort()),
          "the server's certificate is for [kuma-cp.example], not for 127.0.0.1");
    }
  }

  @Test
  void anAuthorityThatIsNoCertificateEndsTheStart() throws IOException {
    Path file = Files.writeString(folder.resolve("ca.pem"), "this is not PEM");
    assertThatThrownBy(
            () ->
                Proxy.Kumarun.launch(
                    mesh.mesh,
                    STRANGER,
                    Map.of(CA, "", "KUMA_CONTROL_PLANE_CA_CERT_FILE", file.toString())))
        .hasMessageContaining("the control plane's authorities hold no certificate");
    mesh.neighbourIsServed();
  }

  @Test
  void aTokenFileThatIsNotThereEndsTheStart() {
    String missing = folder.resolve("missing").toString();
    assertThatThrownBy(
            () -> Proxy.Kumarun.launch(mesh.mesh, STRANGER, Map.of(TOKEN, "", TOKEN_PATH, missing)))
        .hasMessage(TOKEN_PATH + "=" + missing + ": expected a file that can be read");
    mesh.neighbourIsServed();
  }

  @Test
  void anEmptyTokenFileEndsTheStart() throws IOException {
    Path file = Files.writeString(folder.resolve("token"), "\n");
    assertThatThrownBy(
            () ->
                Proxy.Kumarun.launch(
                    mesh.mesh, STRANGER, Map.of(TOKEN, "", TOKEN_PATH, file.toString())))
        .hasMessage(TOKEN_PATH + "=" + file + ": expected a dataplane token on one line");
    mesh.neighbourIsServed();
  }

  @Test
  void withoutATokenTheRefusalOfTheControlPlaneEndsTheProgram() throws Exception {
    Map<String, String> environment = environment();
    environment.remove(TOKEN);
    Ended ended = run(environment);
    assertThat(ended.exitCode()).isEqualTo(1);
    assertThat(ended.lastWords())
        .startsWith("kumarun: the control plane refuses this data plane (422): ")
        .contains("token");
    assertThat(ended.stderr()).doesNotContain("at io.kumarun", "Exception", " ERROR ");
  }

  @Test
  void aMeshThatDoesNotExistEndsTheProgram() throws Exception {
    Map<String, String> environment = environment();
    environment.computeIfPresent(
        "KUMA_DATAPLANE_RUNTIME_RESOURCE",
        (name, json) -> json.replace("\"mesh\":\"demo\"", "\"mesh\":\"nowhere\""));
    Ended ended = run(environment);
    assertThat(ended.exitCode()).isEqualTo(1);
    assertThat(ended.lastWords())
        .isEqualTo(
            "kumarun: the control plane refuses this data plane (422):"
                + " mesh: mesh \"nowhere\" does not exist");
    assertThat(ended.stderr()).doesNotContain("at io.kumarun", "Exception", " ERROR ");
    mesh.neighbourIsServed();
  }

  @Test
  void aWrongTokenIsSaidOnceWhileTheSidecarKeepsTryingWithGrowingPauses() throws Exception {
    var tokens = mesh.mesh.controlPlane().tokens();
    Duration day = Duration.ofDays(1);
    Map<String, String> reasons = new TreeMap<>();
    reasons.put("token is expired", tokens.issue(subject("demo", "stranger"), day.negated()));
    reasons.put(
        "is different than in token: backend-1", tokens.issue(subject("demo", "backend-1"), day));
    reasons.put(
        "is different than in token: other", tokens.issue(subject("other", "stranger"), day));
    reasons.put("token is malformed", "garbage");
    for (Map.Entry<String, String> each : reasons.entrySet()) {
      boolean countRetries = each.getValue().equals("garbage");
      int position = mesh.mesh.journal().position();
      try (RefusalLog log = RefusalLog.start();
          Proxy.Kumarun sidecar = launch(Map.of(TOKEN, each.getValue()))) {
        String line =
            log.await("refuses this data plane: ", "authentication failed", each.getKey());
        assertThat(line).contains("trying again in ");
        if (countRetries) {
          org.awaitility.Awaitility.await().atMost(LIMIT).until(() -> refusals(position) >= 3);
          assertThat(log.lines("refuses this data plane")).hasSize(1);
          assertThat(ready(sidecar)).isEqualTo(503);
        }
        assertThat(sidecar.sidecar().isReady()).isFalse();
        assertThat(sidecar.sidecar().refused()).isNotDone();
        assertThat(log.lines()).noneMatch(said -> said.contains(each.getValue()));
        log.hasNoStackTrace();
        mesh.neighbourIsServed();
      }
    }
  }

  private static long refusals(int position) {
    return mesh.mesh.journal().eventsSince(position).stream()
        .filter(AdsEvent.Refused.class::isInstance)
        .count();
  }

  private static int ready(Proxy.Kumarun sidecar) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + sidecar.sidecar().adminPort() + "/ready"))
                  .build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }

  private static TokenSubject subject(String meshName, String name) {
    return TokenSubject.of(meshName, name, "");
  }

  private static Proxy.Kumarun launch(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(RefusalMesh.SMALL);
    all.put("KUMA_CONTROL_PLANE_RETRY_BACKOFF", "50ms");
    all.putAll(settings);
    return Proxy.Kumarun.launch(mesh.mesh, STRANGER, all);
  }

  /** Says why once, asks again and again, is not ready, and harms nobody. */
  private static void staysOut(Map<String, String> settings, String... reason) throws Exception {
    try (RefusalLog log = RefusalLog.start();
        Proxy.Kumarun sidecar = launch(settings)) {
      String line = log.await(reason);
      assertThat(line).contains("asking again every 50 ms").doesNotContain("Exception");
      mesh.neighbourIsServed();
      assertThat(sidecar.sidecar().isReady()).isFalse();
      assertThat(ready(sidecar)).isEqualTo(503);
      assertThat(sidecar.sidecar().refused()).isNotDone();
      assertThat(log.lines(reason[0])).hasSize(1);
      log.hasNoStackTrace();
    }
  }

  private static Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>(RefusalMesh.SMALL);
    environment.put("KUMA_CONTROL_PLANE_URL", mesh.mesh.controlPlane().url().toString());
    environment.put(CA, mesh.mesh.controlPlaneCaPem());
    environment.put(TOKEN, mesh.mesh.token(STRANGER));
    environment.put("KUMA_DATAPLANE_RUNTIME_RESOURCE", mesh.mesh.dataplaneResource(STRANGER));
    environment.put("KUMA_READINESS_PORT", Integer.toString(STRANGER.readinessPort()));
    environment.put("KUMARUN_ACCESS_LOG", "off");
    return environment;
  }

  private record Ended(int exitCode, String stderr) {
    String lastWords() {
      List<String> lines = stderr.lines().toList();
      return lines.isEmpty() ? "" : lines.getLast();
    }
  }

  /** The program in a process of its own, to its end. */
  private Ended run(Map<String, String> environment) throws Exception {
    Path stderr = folder.resolve("stderr");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--sun-misc-unsafe-memory-access=allow",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.kumarun.sidecar.Main",
                "run")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(stderr.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("KUMA"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("it ends").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readString(stderr));
  }
}
