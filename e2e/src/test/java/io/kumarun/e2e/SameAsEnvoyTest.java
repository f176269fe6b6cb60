package io.kumarun.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * The same bytes through a real Envoy and through this project's sidecar, both with the same
 * configuration: what the peer hears and what the application sees must be the same, unless {@code
 * docs/differences-from-envoy.md} names the case; then it must differ. All that was seen stays in
 * {@code target/same-as-envoy.txt}.
 */
@Timeout(120)
class SameAsEnvoyTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "differences-from-envoy.md");
  private static final Path SEEN = Path.of("target", "same-as-envoy.txt");

  @TestFactory
  Stream<DynamicTest> aPeerAndAnApplicationCannotTellTheSidecarFromAnEnvoy() throws Exception {
    RealEnvoy.orSkip();
    List<WireCase> cases = WireCases.read("wire-cases.txt");
    List<String> names = cases.stream().map(WireCase::name).toList();
    assertThat(names).doesNotHaveDuplicates();
    List<String> different = different();
    assertThat(names).as("cases that %s names", DOCUMENT).containsAll(different);
    Map<String, Pair> pairs;
    try (WireMesh mesh = WireMesh.start()) {
      pairs = play(mesh, cases);
    }
    report(pairs);
    return pairs.entrySet().stream()
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.getKey(),
                    () -> entry.getValue().check(different.contains(entry.getKey()))));
  }

  /** What was seen of a case with either. */
  private record Pair(List<String> kumarun, List<String> envoy) {
    boolean same() {
      return kumarun.equals(envoy);
    }

    void check(boolean known) {
      if (known) {
        assertThat(kumarun)
            .as("this case is the same now: it has to leave %s", DOCUMENT)
            .isNotEqualTo(envoy);
      } else {
        assertThat(kumarun).containsExactlyElementsOf(envoy);
      }
    }
  }

  private static void report(Map<String, Pair> pairs) throws IOException {
    List<String> report = new ArrayList<>();
    pairs.forEach(
        (name, pair) -> {
          report.add("## " + name + (pair.same() ? "" : " DIFFERS"));
          report.addAll(pair.envoy());
          if (!pair.same()) {
            report.add("-- and the sidecar:");
            report.addAll(pair.kumarun());
          }
          report.add("");
        });
    Files.createDirectories(SEEN.getParent());
    Files.write(SEEN, report);
  }

  private static Map<String, Pair> play(WireMesh mesh, List<WireCase> cases) throws Exception {
    Map<String, Future<List<String>>> kumarun = new LinkedHashMap<>();
    Map<String, Future<List<String>>> envoy = new LinkedHashMap<>();
    try (ExecutorService players = Executors.newVirtualThreadPerTaskExecutor()) {
      for (WireCase wire : cases) {
        int number = kumarun.size();
        kumarun.put(
            wire.name(),
            players.submit(() -> mesh.lane(Proxy.Kind.KUMARUN, wire, number).play(wire)));
        envoy.put(
            wire.name(),
            players.submit(() -> mesh.lane(Proxy.Kind.ENVOY, wire, number).play(wire)));
      }
    }
    Map<String, Pair> pairs = new LinkedHashMap<>();
    for (WireCase wire : cases) {
      pairs.put(wire.name(), new Pair(take(kumarun, wire), take(envoy, wire)));
    }
    return pairs;
  }

  private static List<String> take(Map<String, Future<List<String>>> seen, WireCase wire)
      throws Exception {
    return requireNonNull(seen.get(wire.name())).get();
  }

  /** The names in the last column of each row of the document. */
  private static List<String> different() throws IOException {
    Pattern name = Pattern.compile("`([\\w.-]+)`");
    return Files.readAllLines(DOCUMENT, StandardCharsets.UTF_8).stream()
        .filter(line -> line.startsWith("| ") && line.endsWith(" |"))
        .map(line -> line.substring(line.lastIndexOf('|', line.length() - 3)))
        .flatMap(line -> name.matcher(line).results().map((MatchResult found) -> found.group(1)))
        .toList();
  }
}
