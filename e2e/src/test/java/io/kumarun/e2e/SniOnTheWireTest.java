package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Topology;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a sidecar says of itself before anything is encrypted, byte for byte. */
class SniOnTheWireTest {

  @ParameterizedTest
  @CsvSource({
    "LEGACY_STRICT_HTTP, backend{mesh=demo}",
    "MESHTLS_PERMISSIVE_HTTP, ''",
    "IDENTITY_STRICT_HTTP, sni.msvc.demo.zone-1.backend.80",
    "IDENTITY_KRI_HTTP, sni.msvc.demo.zone-1.backend.80",
  })
  void theConfiguredNameAndOnlyKumasProtocolAreOffered(Scenario scenario, String expected)
      throws Exception {
    ClientHelloOnTheWire ours = helloOf(Proxy.Kind.KUMARUN, scenario, expected);
    assertThat(ours.protocols()).containsExactly("kuma");

    RealEnvoy.orSkip();
    ClientHelloOnTheWire envoys = helloOf(Proxy.Kind.ENVOY, scenario, expected);
    assertThat(ours.serverName()).isEqualTo(envoys.serverName());
    assertThat(ours.protocols()).isEqualTo(envoys.protocols());
    assertThat(ours.cipherSuites()).isEqualTo(envoys.cipherSuites());
    assertThat(ours.versions()).isEqualTo(envoys.versions());
  }

  private static ClientHelloOnTheWire helloOf(Proxy.Kind kind, Scenario scenario, String expected)
      throws Exception {
    Dataplane frontend = Dataplane.ofRole("frontend");
    try (ClientHelloRecorder recorder = ClientHelloRecorder.start();
        DevMesh mesh = DevMesh.start(scenario, Topology.of("demo", frontend))) {
      String cluster = mesh.cluster(frontend, "backend");
      mesh.endpoints(
          frontend, cluster, List.of(new InetSocketAddress("127.0.0.1", recorder.port())));
      try (Proxy sidecar = kind.start(mesh, frontend);
          Socket caller =
              new Socket(frontend.outboundAddress(), frontend.outboundPort("backend"))) {
        assertThat(sidecar).isNotNull();
        caller
            .getOutputStream()
            .write("GET / HTTP/1.1\r\nhost: backend\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

        ClientHelloOnTheWire hello = recorder.awaitHello();

        String configured = configuredSni(mesh, frontend, cluster);
        assertThat(configured).isNotEmpty();
        assertThat(hello.serverName()).isEqualTo(configured.getBytes(StandardCharsets.US_ASCII));
        if (!expected.isEmpty()) {
          assertThat(configured).isEqualTo(expected);
        }
        return hello;
      }
    }
  }

  private static String configuredSni(DevMesh mesh, Dataplane frontend, String name)
      throws InvalidProtocolBufferException {
    Cluster cluster =
        mesh.snapshot(frontend).resources(Cluster.class).stream()
            .filter(c -> c.getName().equals(name))
            .findFirst()
            .orElseThrow();
    return cluster.getTransportSocket().getTypedConfig().unpack(UpstreamTlsContext.class).getSni();
  }
}
