package io.kumarun.e2e;

import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.envoy.EnvoyBinary;
import io.kumarun.devmesh.envoy.EnvoyProcess;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.sidecar.Sidecar;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;

/** What stands beside an application: this project's sidecar, or a real Envoy as the reference. */
interface Proxy extends AutoCloseable {
  Duration READY = Duration.ofSeconds(30);

  /** Which program a test puts beside an application. */
  enum Kind {
    KUMARUN,
    ENVOY;

    /** Starts it for a data plane of the mesh and waits until it is ready. */
    Proxy start(DevMesh mesh, Dataplane dataplane) {
      return switch (this) {
        case KUMARUN -> Kumarun.start(mesh, dataplane, Map.of());
        case ENVOY -> Envoy.start(mesh, dataplane);
      };
    }
  }

  @Override
  void close();

  /** This project's sidecar, in this process, with its settings as a user gives them. */
  record Kumarun(Sidecar sidecar, Path accessLogFile) implements Proxy {

    static Kumarun start(DevMesh mesh, Dataplane dataplane, Map<String, String> settings) {
      Kumarun started = launch(mesh, dataplane, settings);
      try {
        Awaitility.await().atMost(READY).until(started.sidecar::isReady);
      } catch (RuntimeException e) {
        started.close();
        throw e;
      }
      return started;
    }

    /** Starts it and does not wait. */
    static Kumarun launch(DevMesh mesh, Dataplane dataplane, Map<String, String> settings) {
      try {
        Path log = Files.createTempFile("access", ".log");
        Map<String, String> all = new TreeMap<>();
        all.put("KUMA_CONTROL_PLANE_URL", mesh.controlPlane().url().toString());
        all.put("KUMA_CONTROL_PLANE_CA_CERT", mesh.controlPlaneCaPem());
        all.put("KUMA_DATAPLANE_RUNTIME_TOKEN", mesh.token(dataplane));
        all.put("KUMA_DATAPLANE_RUNTIME_RESOURCE", mesh.dataplaneResource(dataplane));
        all.put("KUMA_READINESS_PORT", Integer.toString(dataplane.readinessPort()));
        all.put("KUMA_DATAPLANE_DRAIN_TIME", "3s");
        all.put("KUMARUN_ACCESS_LOG", log.toString());
        all.putAll(settings);
        return new Kumarun(Sidecar.start(all), log);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** The lines of the access log that are written by now. */
    List<String> accessLog() {
      try {
        return Files.readAllLines(accessLogFile);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      sidecar.close();
      try {
        Files.deleteIfExists(accessLogFile);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** A real Envoy on the bootstrap that kuma-dp would give it, with delta xDS. */
  record Envoy(EnvoyProcess process) implements Proxy {

    static Envoy start(DevMesh mesh, Dataplane dataplane) {
      Path binary =
          EnvoyBinary.find(System.getenv("KUMARUN_ENVOY"))
              .orElseThrow(() -> new IllegalStateException(EnvoyBinary.MISSING));
      EnvoyProcess process = EnvoyProcess.launch(binary, mesh.envoyBootstrap(dataplane, true));
      try {
        process.awaitLive(READY);
      } catch (RuntimeException e) {
        process.close();
        throw e;
      }
      return new Envoy(process);
    }

    @Override
    public void close() {
      process.close();
    }
  }
}
