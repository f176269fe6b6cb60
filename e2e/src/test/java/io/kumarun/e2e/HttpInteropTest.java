package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Topology;
import io.kumarun.devmesh.service.EchoHttpService;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** HTTP through two sidecars of either kind, in every recorded mesh. */
class HttpInteropTest {

  static List<Arguments> meshes() {
    List<Arguments> all = new ArrayList<>();
    for (Scenario scenario : Scenario.values()) {
      if (scenario.name().endsWith("PROTOCOLS")) {
        continue;
      }
      all.add(Arguments.of(scenario, Proxy.Kind.KUMARUN, Proxy.Kind.KUMARUN));
      all.add(Arguments.of(scenario, Proxy.Kind.KUMARUN, Proxy.Kind.ENVOY));
      all.add(Arguments.of(scenario, Proxy.Kind.ENVOY, Proxy.Kind.KUMARUN));
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("meshes")
  void aRequestReachesTheOtherApplicationWithTheCallersIdentity(
      Scenario scenario, Proxy.Kind caller, Proxy.Kind server) throws Exception {
    if (caller == Proxy.Kind.ENVOY || server == Proxy.Kind.ENVOY) {
      RealEnvoy.orSkip();
    }
    try (EchoHttpService application = EchoHttpService.start("backend")) {
      Dataplane frontend = Dataplane.ofRole("frontend");
      Dataplane backend = Dataplane.ofRole("backend").withApplicationPort(application.port());
      try (DevMesh mesh = DevMesh.start(scenario, Topology.of("demo", frontend, backend));
          Proxy in = server.start(mesh, backend);
          Proxy out = caller.start(mesh, frontend)) {
        assertThat(in).isNotNull();
        assertThat(out).isNotNull();

        HttpResponse<String> answer =
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .build()
                .send(
                    HttpRequest.newBuilder(
                            URI.create(
                                "http://"
                                    + frontend.outboundAddress()
                                    + ":"
                                    + frontend.outboundPort("backend")
                                    + "/hello"))
                        .header("x-forwarded-client-cert", "URI=spiffe://demo/forged")
                        .timeout(Duration.ofSeconds(10))
                        .build(),
                    HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        String told = EchoHttpService.read(answer.body()).get("header-x-forwarded-client-cert");
        if (scenario.identity() == Scenario.Identity.NONE) {
          assertThat(told).isNull();
        } else {
          assertThat(told).contains("URI=" + mesh.spiffeId(frontend)).doesNotContain("forged");
        }
      }
    }
  }
}
