package io.kumarun.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final FakeParts parts = new FakeParts();

  @Test
  void anUnknownCommandSaysWhatThereIs() {
    assertThat(run(Map.of(), "start")).isEqualTo(2);
    assertThat(err.toString())
        .contains("start")
        .contains("the commands are: run, dataplane, version");
  }

  @Test
  void withoutACommandTheHelpIsShown() {
    assertThat(run(Map.of())).isZero();
    assertThat(out.toString()).contains("run", "dataplane", "version");
  }

  @Test
  void theVersionIsPrinted() {
    assertThat(run(Map.of(), "version")).isZero();
    assertThat(out.toString()).startsWith("kumarun ").contains(Runtime.version().toString());
  }

  @Test
  void theDataplaneOfAServiceIsPrintedAsTheControlPlaneTakesIt() {
    assertThat(run(Map.of("KUMARUN_SERVICE", "orders", "HOSTNAME", "h"), "dataplane")).isZero();
    assertThat(out.toString())
        .startsWith("type: Dataplane\nmesh: default\nname: orders-")
        .contains("  address: 203.0.113.1\n");
  }

  @Test
  void aDataplaneIsPrintedAsJsonToo() throws IOException {
    Map<String, String> environment = Map.of("KUMARUN_SERVICE", "orders");
    assertThat(run(environment, "dataplane", "--json", "--kuma=3", "--mesh", "m")).isZero();
    JsonNode dataplane = new ObjectMapper().readTree(out.toString());
    assertThat(dataplane.path("mesh").asText()).isEqualTo("m");
  }

  @Test
  void aDataplaneThatIsMadeBeforehandCannotBePrinted() {
    assertThat(run(Map.of("KUMA_DATAPLANE_NAME", "a"), "dataplane")).isEqualTo(1);
    assertThat(err.toString()).contains("Dataplane a of mesh default is made beforehand");
  }

  @Test
  void anUnknownFlagIsNamedWithTheHelpOfItsCommand() {
    assertThat(run(Map.of(), "run", "--nam=x")).isEqualTo(2);
    assertThat(err.toString()).contains("--nam").contains("see kumarun run --help");
  }

  @Test
  void everythingWrongInTheEnvironmentIsSaidWithoutAStackTrace() {
    assertThat(run(Map.of("KUMA_READINESS_PORT", "x"), "run")).isEqualTo(1);
    assertThat(err.toString().lines())
        .hasSize(2)
        .allMatch(line -> line.startsWith("kumarun: KUMA_"));
  }

  @Test
  void anAccessLogThatCannotBeWrittenIsNamed() throws IOException {
    assertThat(run(environment("/no/such/folder/log"), "run")).isEqualTo(1);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .contains("KUMARUN_ACCESS_LOG=/no/such/folder/log");
  }

  @Test
  void aRefusalByTheControlPlaneEndsTheRunWithItsSentence() throws IOException {
    Map<String, String> environment = environment("off");
    CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> run(environment, "run"));
    Awaitility.await().until(() -> parts.events.contains("join"));

    parts.receiver().onRefused("the control plane refuses backend-1: token is for another mesh");

    assertThat(exit.join()).isEqualTo(1);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines(
            "kumarun: the control plane refuses backend-1: token is for another mesh");
    assertThat(parts.events).endsWith("leave", "close traffic");
  }

  private static Map<String, String> environment(String accessLog) throws IOException {
    return Map.of(
        "KUMA_DATAPLANE_NAME",
        "backend-1",
        "KUMA_READINESS_PORT",
        Integer.toString(SidecarTest.freePort()),
        "KUMARUN_ACCESS_LOG",
        accessLog);
  }

  private int run(Map<String, String> environment, String... args) {
    return Main.run(
        args, environment, parts, new PrintWriter(out, true), new PrintWriter(err, true));
  }
}
