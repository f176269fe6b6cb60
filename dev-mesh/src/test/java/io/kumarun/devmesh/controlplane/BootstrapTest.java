package io.kumarun.devmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.authority.IssuedCertificate;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Topology;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BootstrapTest {

  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private final Topology topology = Topology.of("demo", Scenario.LEGACY_STRICT_HTTP);
  private final Dataplane frontend = topology.ofRole("frontend").withWorkdir(Path.of("/run/dp"));
  private final DevMesh mesh = DevMesh.start(Scenario.LEGACY_STRICT_HTTP, topology);
  private final BootstrapClient client =
      new BootstrapClient(
          mesh.controlPlane().url(), mesh.controlPlane().identity().authority().certificate());

  @AfterEach
  void close() {
    mesh.close();
  }

  @Test
  void saysWhoTheDataPlaneIsAndWhereItsConfigurationComesFrom() throws Exception {
    JsonNode root = YAML.readTree(mesh.envoyBootstrap(frontend, true));

    assertThat(root.at("/node/id").asText()).isEqualTo("demo.frontend-1");
    assertThat(root.at("/node/cluster").asText()).isEqualTo("frontend");
    assertThat(root.at("/node/metadata/dataplane.resource").asText())
        .isEqualTo(mesh.dataplaneResource(frontend));
    assertThat(root.at("/dynamicResources/adsConfig/apiType").asText()).isEqualTo("DELTA_GRPC");
    assertThat(root.at("/dynamicResources/adsConfig/grpcServices/0/initialMetadata/0/key").asText())
        .isEqualTo("authorization");
    assertThat(root.at("/admin/address/pipe/path").asText())
        .isEqualTo("/run/dp/kuma-envoy-admin.sock");
    JsonNode ads = root.at("/staticResources/clusters/1");
    assertThat(ads.at("/name").asText()).isEqualTo("ads_cluster");
    assertThat(
            ads.at("/loadAssignment/endpoints/0/lbEndpoints/0/endpoint/address/socketAddress")
                .at("/portValue")
                .asInt())
        .isEqualTo(mesh.controlPlane().adsPort());
  }

  @Test
  void stateOfTheWorldIsTheDefault() throws Exception {
    assertThat(
            YAML.readTree(mesh.envoyBootstrap(frontend, false))
                .at("/dynamicResources/adsConfig/apiType")
                .asText())
        .isEqualTo("GRPC");
  }

  @Test
  void demandsAToken() {
    BootstrapClient.Answer answer = client.post(request().put("dataplaneToken", "").toString());

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.body()).startsWith("Dataplane Token is required.");
  }

  @Test
  void doesNotKnowADataplaneThatNobodyCreated() {
    ObjectNode request = request();
    request.remove("dataplaneResource");

    BootstrapClient.Answer unknown = client.post(request.toString());
    mesh.controlPlane().createDataplane(mesh.dataplaneResource(frontend));
    BootstrapClient.Answer known = client.post(request.toString());

    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.body()).isEmpty();
    assertThat(known.status()).isEqualTo(200);
  }

  @Test
  void refusesWhatCannotWork() {
    IssuedCertificate leaf = mesh.controlPlane().identity().server();

    BootstrapClient.Answer notCa =
        client.post(request().put("caCert", leaf.certificateChainPem()).toString());
    assertThat(notCa.status()).isEqualTo(400);
    assertThat(notCa.body()).contains("not a certificate authority", "--ca-cert-file=file");
    assertThat(
            client
                .post(
                    request()
                        .put(
                            "dataplaneResource",
                            mesh.dataplaneResource(frontend).replace(frontend.name(), ""))
                        .toString())
                .body())
        .isEqualTo("name: cannot be empty");
    assertThat(client.post("not json").status()).isEqualTo(400);
    assertThat(
            client
                .post(
                    request()
                        .put(
                            "dataplaneResource",
                            mesh.dataplaneResource(frontend).replace("demo", "x"))
                        .toString())
                .status())
        .isEqualTo(422);
  }

  @Test
  void namesTheControlPlaneAsTheDataPlaneDoes() throws Exception {
    URI byName = URI.create("https://localhost:" + mesh.controlPlane().url().getPort());
    String yaml =
        new BootstrapClient(byName, mesh.controlPlane().identity().authority().certificate())
            .post(request().toString())
            .yaml();

    JsonNode ads = YAML.readTree(yaml).at("/staticResources/clusters/0");
    assertThat(ads.at("/type").asText()).isEqualTo("STRICT_DNS");
    assertThat(ads.at("/transportSocket/typedConfig/sni").asText()).isEqualTo("localhost");
  }

  private ObjectNode request() {
    ObjectNode request = new ObjectMapper().createObjectNode();
    request.put("mesh", "demo").put("name", frontend.name());
    request.put("dataplaneToken", mesh.token(frontend));
    request.put("dataplaneResource", mesh.dataplaneResource(frontend));
    return request;
  }
}
