package io.kumarun.devmesh;

import io.kumarun.devmesh.envoy.EnvoyProcess;
import io.kumarun.devmesh.scenario.Dataplane;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** How sidecars of the demo are started. */
interface DemoSidecars {

  /** A sidecar that is running, or was. */
  interface Running extends AutoCloseable {

    boolean isReady();

    boolean isAlive();

    /** What it said last. */
    String lastWords();

    @Override
    void close();
  }

  /** Starts one and does not wait. */
  Running start(DevMesh mesh, Dataplane dataplane, Path directory);

  /** Sidecars that are processes of this command, configured as kuma-dp would be. */
  static DemoSidecars ofCommand(Path command) {
    return (mesh, dataplane, directory) -> {
      try {
        ProcessBuilder builder =
            new ProcessBuilder(command.toString(), "run")
                .redirectErrorStream(true)
                .redirectOutput(log(directory).toFile());
        builder.environment().putAll(environment(mesh, dataplane, directory));
        return new Child(builder.start(), dataplane, directory);
      } catch (IOException e) {
        throw new UncheckedIOException("The sidecar could not be started from " + command, e);
      }
    };
  }

  /** Sidecars that are real Envoys. */
  static DemoSidecars ofEnvoy(Path binary) {
    return (mesh, dataplane, directory) ->
        new EnvoyChild(EnvoyProcess.launch(binary, mesh.envoyBootstrap(dataplane, true)));
  }

  private static Map<String, String> environment(DevMesh mesh, Dataplane dataplane, Path directory)
      throws IOException {
    return Map.of(
        "KUMA_CONTROL_PLANE_URL",
        mesh.controlPlane().url().toString(),
        "KUMA_CONTROL_PLANE_CA_CERT_FILE",
        file(directory, "ca.pem", mesh.controlPlaneCaPem()),
        "KUMA_DATAPLANE_RUNTIME_TOKEN_PATH",
        file(directory, "token", mesh.token(dataplane)),
        "KUMA_DATAPLANE_RUNTIME_RESOURCE_PATH",
        file(directory, "dataplane.yaml", mesh.dataplaneResource(dataplane)),
        "KUMA_READINESS_PORT",
        Integer.toString(dataplane.readinessPort()));
  }

  private static String file(Path directory, String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text).toString();
  }

  private static Path log(Path directory) {
    return directory.resolve("sidecar.log");
  }

  /** A sidecar started by a command. */
  record Child(Process process, Dataplane dataplane, Path directory) implements Running {

    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
    private static final int LAST_WORDS = 3000;

    @Override
    public boolean isReady() {
      return DemoRequest.status("http://127.0.0.1:" + dataplane.readinessPort() + "/ready") == 200;
    }

    @Override
    public boolean isAlive() {
      return process.isAlive();
    }

    @Override
    public String lastWords() {
      try {
        String text = Files.readString(log(directory));
        return text.substring(Math.max(0, text.length() - LAST_WORDS));
      } catch (IOException e) {
        return "(its log cannot be read)";
      }
    }

    /**
     * SIGTERM twice, since the second one ends a sidecar at once; SIGKILL if that is not enough.
     */
    @Override
    public void close() {
      process.destroy();
      try {
        if (!process.waitFor(1, TimeUnit.SECONDS)) {
          process.destroy();
        }
        if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A real Envoy as a sidecar. */
  record EnvoyChild(EnvoyProcess envoy) implements Running {

    @Override
    public boolean isReady() {
      return envoy.admin().isLive();
    }

    @Override
    public boolean isAlive() {
      return envoy.isAlive();
    }

    @Override
    public String lastWords() {
      return envoy.log();
    }

    @Override
    public void close() {
      envoy.close();
    }
  }
}
