package io.kumarun.devmesh.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScenarioResourcesTest {

  private static final Map<String, String> MATERIAL =
      Map.of("@admin-certificate", "C", "@admin-private-key", "K", "@admin-authority", "A");

  @ParameterizedTest
  @EnumSource(Scenario.class)
  void nothingOfTheRecordedPlaceIsLeft(Scenario scenario) {
    Topology topology =
        new Topology(
            "elsewhere",
            "zone-7",
            scenario.roles().stream()
                .map(role -> Dataplane.ofRole(role).withWorkdir(Path.of("/var/run/" + role)))
                .map(d -> d.named("dp-" + d.role()).withApplicationPort(d.applicationPort() - 2000))
                .map(d -> d.at("127.9.9.9", 7777).withOutbounds("127.9.9.8", moved(d)))
                .toList());

    for (Dataplane dataplane : topology.dataplanes()) {
      String text = print(ScenarioResources.of(scenario, topology, dataplane, MATERIAL));

      assertThat(text)
          .doesNotContainPattern("127[._]0[._]0[._][2-7]")
          .doesNotContainPattern("(?<![0-9])(18080|808[1-7]|1000[1-4]|990[12])(?![0-9])")
          .doesNotContainPattern("(?<![A-Za-z0-9])" + scenario.recordedMesh() + "(?![A-Za-z0-9])")
          .doesNotContainPattern("(?<![A-Za-z0-9])lab(?![A-Za-z0-9])")
          .doesNotContain("/tmp/", "\"0.0.0.0\"", "\"::\"", "@admin", "frontend-1", "backend-1")
          .contains("127.9.9.9");
    }
  }

  @Test
  void namesFollowTheTopology() {
    Dataplane frontend =
        Dataplane.ofRole("frontend")
            .at("127.1.2.3", 1500)
            .withApplicationPort(9000)
            .withOutbounds("127.1.2.3", Map.of("backend", 1600));
    Dataplane backend = Dataplane.ofRole("backend").at("127.1.2.4", 1700);
    Topology topology = Topology.of("demo", frontend, backend);

    List<Message> resources =
        ScenarioResources.of(Scenario.LEGACY_STRICT_HTTP, topology, frontend, MATERIAL);

    assertThat(resources.stream().filter(Listener.class::isInstance).map(Listener.class::cast))
        .extracting(Listener::getName)
        .containsExactlyInAnyOrder(
            "inbound:127.1.2.3:1500", "outbound:127.1.2.3:1600", "kuma:envoy:admin");
    assertThat(resources.stream().filter(Cluster.class::isInstance).map(Cluster.class::cast))
        .extracting(Cluster::getName)
        .containsExactlyInAnyOrder(
            "backend", "kuma:envoy:admin", "kuma:readiness", "localhost:9000");
    assertThat(print(resources))
        .contains("spiffe://demo/backend", "backend{mesh=demo}", "mesh_ca:secret:demo");
  }

  @Test
  void endpointsOfARoleAreThoseOfAllItsDataplanes() {
    Dataplane frontend = Dataplane.ofRole("frontend");
    Topology topology =
        Topology.of(
            "demo",
            frontend,
            Dataplane.ofRole("backend").named("b-1").at("127.1.2.4", 1700),
            Dataplane.ofRole("backend").named("b-2").at("127.1.2.5", 1701));

    List<ClusterLoadAssignment> endpoints =
        ScenarioResources.of(Scenario.PLAIN_HTTP, topology, frontend, MATERIAL).stream()
            .filter(ClusterLoadAssignment.class::isInstance)
            .map(ClusterLoadAssignment.class::cast)
            .toList();

    assertThat(endpoints).hasSize(1);
    assertThat(endpoints.getFirst().getEndpoints(0).getLbEndpointsList())
        .extracting(e -> e.getEndpoint().getAddress().getSocketAddress())
        .extracting(a -> a.getAddress() + ":" + a.getPortValue())
        .as("the recorded backend-v2 has nobody here")
        .containsExactly("127.1.2.4:1700", "127.1.2.5:1701");
  }

  @Test
  void aRoleThatWasNotRecordedIsRefusedByName() {
    Dataplane tcp = Dataplane.ofRole("backend-tcp");

    assertThatThrownBy(
            () ->
                ScenarioResources.of(Scenario.PLAIN_HTTP, Topology.of("demo", tcp), tcp, MATERIAL))
        .hasMessage("plain-http has no data plane with the role backend-tcp");
  }

  @ParameterizedTest
  @EnumSource(
      value = Scenario.class,
      names = {"LEGACY_STRICT_HTTP", "IDENTITY_RULES_HTTP"})
  void permissionsKeepTheirEncoding(Scenario scenario) {
    Dataplane backend = Dataplane.ofRole("backend");
    Listener inbound = inbound(scenario, backend);

    String changed = print(List.of(Permission.allowing("spiffe://demo/only").in(inbound)));
    String closed = print(List.of(Permission.nobody().in(inbound)));

    assertThat(changed)
        .contains("spiffe://demo/only")
        .contains(scenario == Scenario.LEGACY_STRICT_HTTP ? "principals" : "matcher_list")
        .doesNotContain("/frontend", "shadow");
    assertThat(closed).doesNotContain("principals", "matcher_list").contains("rbac");
  }

  private static Listener inbound(Scenario scenario, Dataplane dataplane) {
    return ScenarioResources.of(scenario, Topology.of("demo", dataplane), dataplane, MATERIAL)
        .stream()
        .filter(Listener.class::isInstance)
        .map(Listener.class::cast)
        .filter(listener -> listener.getName().startsWith("inbound:127"))
        .findFirst()
        .orElseThrow();
  }

  private static Map<String, Integer> moved(Dataplane dataplane) {
    return dataplane.outboundPorts().entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue() - 5000));
  }

  private static String print(List<? extends Message> messages) {
    return Stream.of(messages)
        .flatMap(List::stream)
        .map(
            message ->
                TextFormat.printer()
                    .usingTypeRegistry(EnvoyTypes.registry())
                    .printToString(message))
        .collect(Collectors.joining("\n"));
  }
}
