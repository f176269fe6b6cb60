package io.kumarun.devmesh;

import io.kumarun.devmesh.authority.KeyKind;
import io.kumarun.devmesh.controlplane.ControlPlaneSettings;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Permission;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Topology;
import io.kumarun.devmesh.service.EchoHttpService;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A mesh of two services with mTLS, and the story told with it: a call that is allowed, the same
 * call after the permission was taken away, and after it was given back. One thread.
 */
final class Demo implements AutoCloseable {

  private static final Duration READY_LIMIT = Duration.ofSeconds(60);
  private static final Duration CHANGE_LIMIT = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final PrintStream out;
  private final Path directory;
  private final EchoHttpService frontendService;
  private final EchoHttpService backendService;
  private final Dataplane frontend;
  private final Dataplane backend;
  private final DevMesh mesh;
  private final List<DemoSidecars.Running> running = new ArrayList<>();

  private Demo(PrintStream out) {
    this.out = out;
    try {
      directory = Files.createTempDirectory("kumarun-demo");
    } catch (IOException e) {
      throw new UncheckedIOException("There is no place for temporary files", e);
    }
    frontendService = EchoHttpService.start("frontend");
    backendService = EchoHttpService.start("backend");
    frontend = Dataplane.ofRole("frontend").withApplicationPort(frontendService.port());
    backend = Dataplane.ofRole("backend").withApplicationPort(backendService.port());
    mesh =
        DevMesh.start(
            Scenario.LEGACY_STRICT_HTTP,
            Topology.of("demo", frontend, backend),
            ControlPlaneSettings.forTests(),
            KeyKind.RSA_2048);
  }

  /**
   * Starts everything and waits until both sidecars are ready.
   *
   * @throws DemoFailure if one is not, with what it said
   */
  static Demo start(DemoSidecars sidecars, PrintStream out)
      throws DemoFailure, InterruptedException {
    Demo demo = new Demo(out);
    try {
      demo.startSidecars(sidecars);
      return demo;
    } catch (DemoFailure | InterruptedException | RuntimeException e) {
      demo.close();
      throw e;
    }
  }

  /**
   * Tells the story.
   *
   * @throws DemoFailure at the first request that does not go as it should
   */
  void run() throws DemoFailure, InterruptedException {
    String caller = mesh.spiffeId(frontend);
    step(
        "frontend calls backend through both sidecars",
        answer -> answer.status() == 200 && peer(answer).contains(caller));
    mesh.permit(backend, Permission.allowing("spiffe://demo/batch"));
    step("the permission now names batch alone", answer -> answer.status() == 403);
    mesh.permit(backend, Permission.allowing(caller));
    step("the permission names frontend again", answer -> answer.status() == 200);
  }

  /** Waits until the thread is interrupted, or a sidecar ends. */
  void stayUp() throws DemoFailure, InterruptedException {
    out.println();
    out.println("The mesh stays up; Ctrl-C ends it. To try it:");
    out.println("  curl -i " + url());
    for (DemoSidecars.Running sidecar : running) {
      if (sidecar instanceof DemoSidecars.Child(_, Dataplane dataplane, _)) {
        out.println(
            "  http://127.0.0.1:%d/ in a browser: how %s is doing"
                .formatted(dataplane.readinessPort(), dataplane.name()));
      }
    }
    while (true) {
      Thread.sleep(PAUSE.toMillis() * 10);
      for (DemoSidecars.Running sidecar : running) {
        if (!sidecar.isAlive()) {
          throw new DemoFailure("a sidecar ended; it said last:\n" + sidecar.lastWords());
        }
      }
    }
  }

  @Override
  public void close() {
    // After Ctrl-C this thread is interrupted, and an interrupted wait would kill the sidecars.
    boolean interrupted = Thread.interrupted();
    running.forEach(DemoSidecars.Running::close);
    mesh.close();
    frontendService.close();
    backendService.close();
    deleteDirectory();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void startSidecars(DemoSidecars sidecars) throws DemoFailure, InterruptedException {
    out.println("control plane  " + mesh.controlPlane().url() + ", mesh demo, mTLS STRICT");
    long begin = System.nanoTime();
    for (Dataplane dataplane : List.of(backend, frontend)) {
      running.add(sidecars.start(mesh, dataplane, directoryOf(dataplane)));
    }
    for (int i = 0; i < running.size(); i++) {
      Dataplane dataplane = List.of(backend, frontend).get(i);
      awaitReady(dataplane, running.get(i), begin);
      out.printf(
          "%-14s ready after %.1f s; inbound %s:%d in front of 127.0.0.1:%d, identity %s%n",
          dataplane.name(),
          (System.nanoTime() - begin) / 1e9,
          dataplane.address(),
          dataplane.inboundPort(),
          dataplane.applicationPort(),
          mesh.spiffeId(dataplane));
    }
    out.println();
  }

  private static void awaitReady(Dataplane dataplane, DemoSidecars.Running sidecar, long begin)
      throws DemoFailure, InterruptedException {
    while (!sidecar.isReady()) {
      boolean late = System.nanoTime() - begin > READY_LIMIT.toNanos();
      if (late || !sidecar.isAlive()) {
        throw new DemoFailure(
            "the sidecar of %s %s; it said last:%n%s"
                .formatted(
                    dataplane.name(),
                    late ? "is not ready after " + READY_LIMIT.toSeconds() + " s" : "ended",
                    sidecar.lastWords()));
      }
      Thread.sleep(PAUSE.toMillis());
    }
  }

  /** One request, repeated while a change is on its way: connections that are open outlive it. */
  private void step(String what, Predicate<DemoRequest.Answer> expected)
      throws DemoFailure, InterruptedException {
    long begin = System.nanoTime();
    DemoRequest.Answer answer = DemoRequest.get(url());
    while (!expected.test(answer)) {
      if (System.nanoTime() - begin > CHANGE_LIMIT.toNanos()) {
        throw new DemoFailure(
            "%s, but the answer of %s is %d: %s"
                .formatted(what, url(), answer.status(), answer.body()));
      }
      Thread.sleep(PAUSE.toMillis());
      answer = DemoRequest.get(url());
    }
    String seen =
        answer.status() == 200
            ? "backend saw " + peer(answer)
            : "the sidecar of backend said: " + answer.body().strip();
    out.printf("%-46s %d  %s%n", what, answer.status(), seen);
  }

  /** The identity of the caller, as the sidecar of the backend told the application. */
  private static String peer(DemoRequest.Answer answer) {
    String certificate =
        EchoHttpService.read(answer.body()).getOrDefault("header-x-forwarded-client-cert", "");
    int uri = certificate.lastIndexOf("URI=spiffe://");
    if (uri < 0) {
      int any = certificate.indexOf("URI=");
      return any < 0 ? "nobody" : certificate.substring(any + 4);
    }
    int end = certificate.indexOf(';', uri);
    return certificate.substring(uri + 4, end < 0 ? certificate.length() : end);
  }

  private String url() {
    return "http://%s:%d/hello"
        .formatted(frontend.outboundAddress(), frontend.outboundPort("backend"));
  }

  private Path directoryOf(Dataplane dataplane) {
    try {
      return Files.createDirectory(directory.resolve(dataplane.name()));
    } catch (IOException e) {
      throw new UncheckedIOException("A directory for " + dataplane.name() + " is missing", e);
    }
  }

  private void deleteDirectory() {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      out.println("Temporary files are left in " + directory);
    }
  }
}
