package io.kumarun.devmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Status;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.controlplane.AdsClient.Stream;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Permission;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Topology;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SotwAdsTest {

  private final Topology topology = Topology.of("demo", Scenario.LEGACY_STRICT_PROTOCOLS);
  private final Dataplane frontend = topology.ofRole("frontend");
  private final DevMesh mesh = DevMesh.start(Scenario.LEGACY_STRICT_PROTOCOLS, topology);
  private AdsClient client;
  private Stream<DiscoveryRequest, DiscoveryResponse> stream;

  @BeforeEach
  void connect() throws Exception {
    client = new AdsClient(mesh);
    stream = client.sotw(mesh.token(frontend));
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    mesh.close();
  }

  @Test
  void answersNamedSubscriptionsOnlyWhenTheyNameEverything() throws Exception {
    stream.send(request(ResourceType.CLUSTER));
    stream.next();

    stream.send(request(ResourceType.ENDPOINT, "backend"));
    stream.staysSilent();

    stream.send(
        request(
            ResourceType.ENDPOINT,
            "backend",
            "backend-tcp",
            "backend-grpc",
            "backend-http2",
            "one-more"));
    assertThat(stream.next().getResourcesCount()).isEqualTo(4);
  }

  @Test
  void anAcceptedVersionIsNotSentAgain() throws Exception {
    stream.send(request(ResourceType.LISTENER));
    DiscoveryResponse listeners = stream.next();

    stream.send(
        request(ResourceType.LISTENER).toBuilder()
            .setVersionInfo(listeners.getVersionInfo())
            .setResponseNonce(listeners.getNonce())
            .build());
    stream.staysSilent();

    mesh.permit(frontend, Permission.nobody());
    DiscoveryResponse changed = stream.next();
    assertThat(changed.getResourcesCount()).isEqualTo(listeners.getResourcesCount());
    assertThat(changed.getVersionInfo()).isNotEqualTo(listeners.getVersionInfo());
  }

  @Test
  void aRefusedVersionIsSentAgainAfterAWhile() throws Exception {
    stream.send(request(ResourceType.LISTENER));
    DiscoveryResponse listeners = stream.next();

    stream.send(
        request(ResourceType.LISTENER).toBuilder()
            .setResponseNonce(listeners.getNonce())
            .setErrorDetail(Status.newBuilder().setMessage("no"))
            .build());

    DiscoveryResponse again = stream.next();
    assertThat(again.getVersionInfo()).isEqualTo(listeners.getVersionInfo());
    assertThat(again.getNonce()).isNotEqualTo(listeners.getNonce());
  }

  @Test
  void anAnswerToAnOldNonceIsIgnored() throws Exception {
    stream.send(request(ResourceType.LISTENER));
    stream.next();

    stream.send(request(ResourceType.LISTENER).toBuilder().setResponseNonce("99").build());

    stream.staysSilent();
  }

  private DiscoveryRequest request(ResourceType type, String... names) {
    return DiscoveryRequest.newBuilder()
        .setNode(client.node(frontend))
        .setTypeUrl(type.typeUrl())
        .addAllResourceNames(List.of(names))
        .build();
  }
}
