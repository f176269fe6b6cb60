package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.kumarun.devmesh.authority.KeyKind;
import io.kumarun.devmesh.authority.MeshAuthority;
import io.kumarun.devmesh.controlplane.AdsEvent;
import io.kumarun.devmesh.controlplane.ResourceType;
import io.kumarun.devmesh.scenario.BadResource;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Scenario;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the control plane sends and cannot be used: it is named, and the last good one stays. */
class RefusedSecretTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  @ParameterizedTest
  @EnumSource(names = {"LEGACY_STRICT_HTTP", "IDENTITY_STRICT_HTTP"})
  void aBrokenSecretIsNamedAndTheLastGoodOneStays(Scenario scenario) throws Exception {
    try (RefusalLog log = RefusalLog.start();
        RefusalMesh mesh = RefusalMesh.start(scenario)) {
      String key =
          MeshAuthority.create("any", KeyKind.RSA_2048)
              .issue(List.of("spiffe://any/any"))
              .privateKeyPem();
      Secret good = certificate(mesh);

      refused(mesh, log, with(good, secret -> withKey(secret, key)), "key");
      refused(mesh, log, with(good, secret -> withKey(secret, "garbage")), good.getName());
      refused(mesh, log, with(good, secret -> withChain(secret, "garbage")), "CERTIFICATE");

      int position = mesh.mesh.journal().position();
      var rotated = mesh.mesh.rotateCertificate(mesh.backend);
      mesh.mesh
          .journal()
          .awaitAck(position, mesh.mesh.nodeId(mesh.backend), ResourceType.SECRET, LIMIT);
      mesh.neighbourIsServed();
      assertThat(rotated.serial()).isPositive();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY_STRICT_HTTP", "IDENTITY_STRICT_HTTP"})
  void anEmptySecretOpensNothingToPlaintext(Scenario scenario) throws Exception {
    try (RefusalLog log = RefusalLog.start();
        RefusalMesh mesh = RefusalMesh.start(scenario)) {
      Secret good = certificate(mesh);
      Secret empty = Secret.newBuilder().setName(good.getName()).build();
      mesh.mesh.edit(mesh.backend, snapshot -> snapshot.with(empty));
      log.await(good.getName());
      mesh.neighbourIsServed();
      assertThat(plaintext(mesh)).doesNotContain("HTTP/1.1 200");
      log.hasNoStackTrace();
      mesh.mesh.edit(mesh.backend, snapshot -> snapshot.with(good));
      Awaitility.await().atMost(LIMIT).until(() -> mesh.call("backend").statusCode() == 200);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY_STRICT_HTTP"})
  void aSidecarThatStartsWithABrokenSecretServesNothingInPlaintext(Scenario scenario)
      throws Exception {
    Dataplane late = Dataplane.ofRole("backend").named("late");
    try (RefusalLog log = RefusalLog.start();
        RefusalMesh mesh = RefusalMesh.start(scenario, late)) {
      Secret good = certificate(mesh);
      mesh.mesh.edit(late, snapshot -> snapshot.with(withKey(certificate(mesh), "garbage")));
      try (Proxy.Kumarun sidecar = Proxy.Kumarun.launch(mesh.mesh, late, RefusalMesh.SMALL)) {
        log.await("resource rejected", good.getName());
        log.await("listener ", " waits: ", good.getName());
        assertThat(sidecar.sidecar().isReady()).isFalse();
        assertThat(plaintext(late.address(), late.inboundPort())).isEqualTo("not listening");
        mesh.mesh.rotateCertificate(late);
        Awaitility.await().atMost(LIMIT).until(sidecar.sidecar()::isReady);
        log.hasNoStackTrace();
      }
      mesh.neighbourIsServed();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY_STRICT_HTTP"})
  void afterARestartOfTheControlPlaneGoodResourcesAreTakenAndABadOneIsNamed(Scenario scenario) {
    try (RefusalLog log = RefusalLog.start();
        RefusalMesh mesh = RefusalMesh.start(scenario)) {
      String node = mesh.mesh.nodeId(mesh.backend);
      mesh.neighbourIsServed();
      mesh.mesh.controlPlane().suspend();
      int position = mesh.mesh.journal().position();
      var inbound =
          mesh
              .mesh
              .snapshot(mesh.backend)
              .resources(io.envoyproxy.envoy.config.listener.v3.Listener.class)
              .stream()
              .filter(l -> l.getName().startsWith("inbound:"))
              .findFirst()
              .orElseThrow();
      mesh.mesh.edit(
          mesh.backend,
          snapshot ->
              snapshot.with(
                  BadResource.unknownFilter(
                      inbound.getName(), mesh.backend.address(), mesh.backend.inboundPort())));
      mesh.mesh.rotateCertificate(mesh.backend);
      mesh.mesh.controlPlane().resume();

      AdsEvent.Received nack =
          mesh.mesh.journal().awaitNack(position, node, ResourceType.LISTENER, LIMIT);
      assertThat(nack.error()).contains(inbound.getName(), "NoSuchFilter");
      log.await("resource rejected", inbound.getName(), "NoSuchFilter");
      mesh.mesh.journal().awaitAck(position, node, ResourceType.SECRET, LIMIT);
      mesh.neighbourIsServed();
      log.hasNoStackTrace();
    }
  }

  private static void refused(RefusalMesh mesh, RefusalLog log, Secret broken, String reason)
      throws Exception {
    log.forget();
    String node = mesh.mesh.nodeId(mesh.backend);
    int position = mesh.mesh.journal().position();
    mesh.mesh.edit(mesh.backend, snapshot -> snapshot.with(broken));
    AdsEvent.Received nack =
        mesh.mesh.journal().awaitNack(position, node, ResourceType.SECRET, LIMIT);
    assertThat(nack.error()).contains(broken.getName(), reason).doesNotContain("Exception");
    String line = log.await("resource rejected, its last good version stays", broken.getName());
    assertThat(line)
        .contains(reason)
        .containsOnlyOnce(broken.getName())
        .doesNotContain("PRIVATE KEY-", "Exception");
    mesh.neighbourIsServed();
    assertThat(plaintext(mesh)).doesNotContain("HTTP/1.1");
    log.hasNoStackTrace();
  }

  private static Secret certificate(RefusalMesh mesh) {
    return mesh.mesh.snapshot(mesh.backend).resources(Secret.class).stream()
        .filter(Secret::hasTlsCertificate)
        .findFirst()
        .orElseThrow();
  }

  private static Secret with(Secret good, UnaryOperator<Secret> change) {
    return change.apply(good);
  }

  private static Secret withKey(Secret good, String pem) {
    Secret.Builder broken = good.toBuilder();
    broken.getTlsCertificateBuilder().setPrivateKey(inline(pem));
    return broken.build();
  }

  private static Secret withChain(Secret good, String pem) {
    Secret.Builder broken = good.toBuilder();
    broken.getTlsCertificateBuilder().setCertificateChain(inline(pem));
    return broken.build();
  }

  private static DataSource inline(String pem) {
    return DataSource.newBuilder().setInlineBytes(ByteString.copyFromUtf8(pem)).build();
  }

  private static String plaintext(RefusalMesh mesh) throws Exception {
    return plaintext(mesh.backend.address(), mesh.backend.inboundPort());
  }

  private static String plaintext(String address, int port) throws Exception {
    try (Socket socket = new Socket(address, port)) {
      socket.setSoTimeout((int) LIMIT.toMillis());
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nhost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (java.net.ConnectException e) {
      return "not listening";
    } catch (java.net.SocketException e) {
      return "";
    }
  }
}
