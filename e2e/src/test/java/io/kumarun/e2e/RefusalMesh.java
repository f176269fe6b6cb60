package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Topology;
import io.kumarun.devmesh.service.EchoHttpService;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A mesh where {@code frontend} calls {@code backend} through two sidecars, as the good neighbours
 * of somebody who is refused.
 */
final class RefusalMesh implements AutoCloseable {
  static final Map<String, String> SMALL = Map.of("KUMA_DATAPLANE_RUNTIME_CONCURRENCY", "1");

  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final EchoHttpService application = EchoHttpService.start("backend");
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(LIMIT).build();
  final Dataplane frontend = Dataplane.ofRole("frontend");
  final Dataplane backend = Dataplane.ofRole("backend").withApplicationPort(application.port());
  final DevMesh mesh;
  final Proxy.Kumarun frontendSidecar;
  final Proxy.Kumarun backendSidecar;

  private RefusalMesh(Scenario scenario, Consumer<DevMesh> before, Dataplane... others) {
    List<Dataplane> all = new ArrayList<>(List.of(frontend, backend));
    all.addAll(Arrays.asList(others));
    mesh = DevMesh.start(scenario, Topology.of("demo", all.toArray(Dataplane[]::new)));
    before.accept(mesh);
    backendSidecar = Proxy.Kumarun.start(mesh, backend, SMALL);
    frontendSidecar = Proxy.Kumarun.start(mesh, frontend, SMALL);
  }

  /** With the sidecars of frontend and backend, which are ready; others have none. */
  static RefusalMesh start(Scenario scenario, Dataplane... others) {
    return start(scenario, mesh -> {}, others);
  }

  /** The same, where something is to be done to the mesh before its first sidecar. */
  static RefusalMesh start(Scenario scenario, Consumer<DevMesh> before, Dataplane... others) {
    return new RefusalMesh(scenario, before, others);
  }

  /** The good neighbour is served as ever. */
  void neighbourIsServed() {
    HttpResponse<String> answer = call("backend");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  /** Asks an outbound of frontend, over a connection that is kept alive where it can be. */
  HttpResponse<String> call(String service) {
    try {
      return client.send(
          HttpRequest.newBuilder(
                  URI.create(
                      "http://"
                          + frontend.outboundAddress()
                          + ":"
                          + frontend.outboundPort(service)
                          + "/hello"))
              .timeout(LIMIT)
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The first line over a TCP outbound of frontend; null if the connection ends without one. */
  @Nullable String greeting(String service) {
    try (Socket socket = new Socket(frontend.outboundAddress(), frontend.outboundPort(service))) {
      socket.setSoTimeout((int) LIMIT.toMillis());
      return new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
          .readLine();
    } catch (java.net.SocketException e) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The sum of a metric of a sidecar over the labels that have this text. */
  static double metric(Proxy.Kumarun sidecar, String name, String label) {
    return sidecar
        .sidecar()
        .metrics()
        .scrape()
        .lines()
        .filter(line -> line.startsWith(name + "{") && line.contains(label))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Override
  public void close() {
    frontendSidecar.close();
    backendSidecar.close();
    mesh.close();
    application.close();
  }
}
