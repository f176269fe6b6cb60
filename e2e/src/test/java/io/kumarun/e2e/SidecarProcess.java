package io.kumarun.e2e;

import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.scenario.Dataplane;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * This project's sidecar in a process of its own, with the heap that README gives it for a big
 * mesh.
 */
final class SidecarProcess implements AutoCloseable {

  /** The options of {@code bin/kumarun} that matter for memory. */
  private static final List<String> OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:+UseCompactObjectHeaders",
          "-Xmx128m",
          "-Xss512k",
          "-XX:+ExitOnOutOfMemoryError",
          "-XX:-UsePerfData",
          "--sun-misc-unsafe-memory-access=allow",
          "--enable-native-access=ALL-UNNAMED",
          "-Dio.netty.leakDetection.level=disabled");

  private static final String JAVA_HOME = System.getProperty("java.home");

  private final Process process;
  private final Path log;
  private final int readinessPort;

  private SidecarProcess(Process process, Path log, int readinessPort) {
    this.process = process;
    this.log = log;
    this.readinessPort = readinessPort;
  }

  /** Starts it and does not wait. */
  static SidecarProcess launch(DevMesh mesh, Dataplane dataplane, Map<String, String> settings) {
    try {
      Path log = Files.createTempFile("sidecar", ".log");
      List<String> command = new ArrayList<>();
      command.add(Path.of(JAVA_HOME, "bin", "java").toString());
      command.addAll(OPTIONS);
      command.addAll(
          List.of("-cp", System.getProperty("java.class.path"), "io.kumarun.sidecar.Main", "run"));
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(log.toFile());
      Map<String, String> all = new TreeMap<>();
      all.put("KUMA_CONTROL_PLANE_URL", mesh.controlPlane().url().toString());
      all.put("KUMA_CONTROL_PLANE_CA_CERT", mesh.controlPlaneCaPem());
      all.put("KUMA_DATAPLANE_RUNTIME_TOKEN", mesh.token(dataplane));
      all.put("KUMA_DATAPLANE_RUNTIME_RESOURCE", mesh.dataplaneResource(dataplane));
      all.put("KUMA_READINESS_PORT", Integer.toString(dataplane.readinessPort()));
      all.put("KUMA_DATAPLANE_DRAIN_TIME", "0s");
      all.put("KUMARUN_ACCESS_LOG", "off");
      all.putAll(settings);
      builder.environment().keySet().removeIf(name -> name.startsWith("KUMA"));
      builder.environment().putAll(all);
      return new SidecarProcess(builder.start(), log, dataplane.readinessPort());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void awaitReady(Duration limit) {
    Awaitility.await("the sidecar is ready")
        .atMost(limit)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !process.isAlive() || isReady());
    if (!process.isAlive()) {
      throw new AssertionError("The sidecar ended with " + process.exitValue() + ":\n" + log());
    }
  }

  private boolean isReady() {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
              .send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + readinessPort + "/ready"))
                      .build(),
                  HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** What it said on stderr. */
  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Live objects in KiB, after a full collection; where there is no {@code jcmd}, 0. */
  long liveHeapKilobytes() {
    String histogram = histogram();
    int total = histogram.lastIndexOf("Total");
    return total < 0
        ? 0
        : Long.parseLong(histogram.substring(total).trim().split("\\s+", -1)[2]) / 1024;
  }

  private String histogram() {
    try {
      Path command = Path.of(JAVA_HOME, "bin", "jcmd");
      if (!Files.isExecutable(command)) {
        return "";
      }
      Process jcmd =
          new ProcessBuilder(command.toString(), Long.toString(process.pid()), "GC.class_histogram")
              .redirectErrorStream(true)
              .start();
      return new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What it has used of processors so far, in milliseconds. */
  long processorMillis() {
    return process.info().totalCpuDuration().map(Duration::toMillis).orElse(0L);
  }

  /** Resident memory in KiB. */
  long residentKilobytes() {
    try {
      return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      Files.deleteIfExists(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
