package io.kumarun.sidecar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** A real process gets real signals. Its drain time is longer than any of these tests. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD) // reads block
class SignalsTest {
  private int port;
  private Process process;
  private BufferedReader said;

  @BeforeEach
  void start(TestInfo test) throws IOException {
    port = SidecarTest.freePort();
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            SignalledSidecar.class.getName());
    builder.command().addAll(test.getTags());
    builder
        .environment()
        .putAll(
            Map.of(
                "KUMA_DATAPLANE_NAME", "backend-1",
                "KUMA_DATAPLANE_DRAIN_TIME", "10m",
                "KUMA_DATAPLANE_RUNTIME_CONCURRENCY", "1",
                "KUMA_READINESS_PORT", Integer.toString(port),
                "KUMARUN_ACCESS_LOG", "off"));
    process = builder.redirectError(Redirect.DISCARD).start();
    said = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
  }

  @AfterEach
  void stop() throws IOException {
    process.destroyForcibly();
    said.close();
  }

  @Test
  void theFirstSignalDrainsTheSecondCutsTheWaitShortAndTheEndIsOrderly() throws Exception {
    assertSays("join", "apply");

    signal("TERM");
    assertSays("report", "drain inbound");
    assertThat(ready()).isEqualTo("TERMINATING");

    signal("INT");
    assertSays("leave", "close traffic");
    assertThat(exitCode()).isZero();
  }

  @Test
  void aSignalToDrainLeavesTheSidecarReadyAndTheNextEndsItAtOnce() throws Exception {
    assertSays("join", "apply");

    signal("USR2");
    assertSays("drain inbound");
    assertThat(ready()).isEqualTo("READY");

    signal("TERM");
    assertSays("leave", "close traffic");
    assertThat(exitCode()).isZero();
  }

  @Test
  @Tag("stuck")
  void aStartThatWaitsIsEndedToo() throws Exception {
    assertSays("join");

    signal("TERM");
    assertThat(exitCode()).isZero();
  }

  private void assertSays(String... lines) throws IOException {
    for (String line : lines) {
      assertThat(said.readLine()).isEqualTo(line);
    }
  }

  private void signal(String name) throws Exception {
    Process kill =
        new ProcessBuilder(List.of("kill", "-" + name, Long.toString(process.pid()))).start();
    assertThat(kill.waitFor()).isZero();
  }

  private String ready() throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/ready")).build(),
              BodyHandlers.ofString())
          .body();
    }
  }

  private int exitCode() throws InterruptedException {
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }
}
