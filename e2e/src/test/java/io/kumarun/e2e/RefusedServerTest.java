package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.kumarun.devmesh.authority.IssuedCertificate;
import io.kumarun.devmesh.authority.KeyKind;
import io.kumarun.devmesh.authority.MeshAuthority;
import io.kumarun.devmesh.authority.Validity;
import io.kumarun.devmesh.controlplane.ResourceType;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.service.EchoTcpService;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who answers where another service is expected, by a session resumed or not. */
class RefusedServerTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final String HTTP = "backend-http2";
  private static final String TCP = "backend-tcp";

  @ParameterizedTest
  @EnumSource(names = {"LEGACY_STRICT_PROTOCOLS", "IDENTITY_STRICT_PROTOCOLS"})
  void aServerWithoutTheExpectedIdentityIsNotUsed(Scenario scenario) {
    try (RefusalLog log = RefusalLog.start();
        RefusalMesh mesh = RefusalMesh.start(scenario)) {
      MeshAuthority ours = mesh.mesh.authority();
      String expected = id(mesh, HTTP);
      String other = id(mesh, "impostor");
      MeshAuthority wrong = MeshAuthority.create(ours.trustDomain(), KeyKind.EC_P256);
      Instant now = Instant.now();

      IssuedCertificate impostor = ours.issue(List.of(other));
      refused(mesh, log, impostor, "fail_verify_san", "presents " + other, "exact " + expected);
      refused(mesh, log, wrong.issue(List.of(expected)), "fail_verify_error", expected);
      IssuedCertificate expired = ours.issue(List.of(expected), Validity.alreadyExpired(now));
      refused(mesh, log, expired, "fail_verify_error", "expired");
      try (EchoTcpService plaintext = EchoTcpService.start("plaintext")) {
        refused(mesh, log, plaintext.port(), "connection_error", "answered plaintext");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY_STRICT_PROTOCOLS", "IDENTITY_STRICT_PROTOCOLS"})
  void aSessionIsNotResumedWhereItsServerIsNotAccepted(Scenario scenario) {
    try (RefusalLog log = RefusalLog.start();
        RefusalMesh mesh = RefusalMesh.start(scenario)) {
      String name = id(mesh, TCP);
      IssuedCertificate shown = mesh.mesh.authority().issue(List.of(name));
      try (RefusalServer server = RefusalServer.tls12Showing(shown)) {
        pointAt(mesh, TCP, server.address());
        pointAt(mesh, HTTP, server.address());
        // It asks nothing of us, which is its own affair.
        assertThat(mesh.greeting(TCP)).isEqualTo(RefusalServer.GREETING);
        assertThat(mesh.greeting(TCP)).isEqualTo(RefusalServer.GREETING);
        assertThat(server.handshakes()).isEqualTo(2);
        assertThat(server.resumed())
            .as("the server resumes, or this test would prove nothing")
            .isEqualTo(1);

        HttpResponse<String> answer = mesh.call(HTTP);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
        assertThat(answer.body()).contains("presents " + name, "exact " + id(mesh, HTTP));

        accept(mesh, TCP, id(mesh, "successor"));
        Awaitility.await().atMost(LIMIT).until(() -> mesh.greeting(TCP) == null);

        log.await("cluster ", server.address().getPort() + "", name, id(mesh, "successor"));
        assertThat(mesh.greeting(TCP)).as("again").isNull();
        log.hasNoStackTrace();
        mesh.neighbourIsServed();

        accept(mesh, TCP, name);
        Awaitility.await()
            .atMost(LIMIT)
            .until(() -> RefusalServer.GREETING.equals(mesh.greeting(TCP)));
      }
    }
  }

  private static void refused(
      RefusalMesh mesh, RefusalLog log, IssuedCertificate shown, String metric, String... reason) {
    try (RefusalServer server = RefusalServer.showing(shown)) {
      refused(mesh, log, server.address().getPort(), metric, reason);
    }
  }

  private static void refused(
      RefusalMesh mesh, RefusalLog log, int port, String metric, String... reason) {
    mesh.neighbourIsServed();
    log.forget();
    InetSocketAddress address = new InetSocketAddress("127.0.0.1", port);
    pointAt(mesh, HTTP, address);
    String name = "envoy_cluster_ssl_" + metric;
    String label = HTTP;
    double before = RefusalMesh.metric(mesh.frontendSidecar, name, label);

    HttpResponse<String> answer = awaitAnswerAbout(mesh, reason);

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body())
        .startsWith("upstream connect error or disconnect/reset before headers. reset reason: ")
        .contains(reason)
        .doesNotContain("Exception");
    String line = log.await("cluster ", "127.0.0.1:" + port, reason[0]);
    assertThat(line).contains(reason).contains(HTTP).doesNotContain("Exception");
    assertThat(RefusalMesh.metric(mesh.frontendSidecar, name, label)).isGreaterThan(before);
    Awaitility.await()
        .atMost(LIMIT)
        .until(
            () ->
                mesh.frontendSidecar.accessLog().stream()
                    .anyMatch(entry -> entry.contains(" 503 UF")));
    mesh.call(HTTP);
    assertThat(log.lines("127.0.0.1:" + port)).as("said once").hasSize(1);
    log.hasNoStackTrace();
    mesh.neighbourIsServed();
  }

  private static HttpResponse<String> awaitAnswerAbout(RefusalMesh mesh, String... reason) {
    return Awaitility.await()
        .atMost(LIMIT)
        .until(() -> mesh.call(HTTP), answer -> answer.body().contains(reason[0]));
  }

  private static String id(RefusalMesh mesh, String service) {
    String own = mesh.mesh.spiffeId(mesh.backend);
    return own.substring(0, own.lastIndexOf('/') + 1) + service;
  }

  private static void pointAt(RefusalMesh mesh, String service, InetSocketAddress server) {
    int position = mesh.mesh.journal().position();
    mesh.mesh.endpoints(mesh.frontend, mesh.mesh.cluster(mesh.frontend, service), List.of(server));
    mesh.mesh
        .journal()
        .awaitAck(position, mesh.mesh.nodeId(mesh.frontend), ResourceType.ENDPOINT, LIMIT);
  }

  /** From now on the cluster of a service accepts this identity and no other. */
  private static void accept(RefusalMesh mesh, String service, String identity) {
    String name = mesh.mesh.cluster(mesh.frontend, service);
    mesh.mesh.edit(
        mesh.frontend,
        snapshot ->
            snapshot.with(
                accepting(snapshot.resource(Cluster.class, name).orElseThrow(), identity)));
  }

  private static Cluster accepting(Cluster cluster, String identity) {
    return edited(
        cluster,
        tls ->
            tls.getCommonTlsContextBuilder()
                .getCombinedValidationContextBuilder()
                .getDefaultValidationContextBuilder()
                .getMatchTypedSubjectAltNamesBuilderList()
                .forEach(matcher -> matcher.getMatcherBuilder().setExact(identity)));
  }

  private static Cluster edited(Cluster cluster, Consumer<UpstreamTlsContext.Builder> change) {
    try {
      UpstreamTlsContext.Builder tls =
          cluster
              .getTransportSocket()
              .getTypedConfig()
              .unpack(UpstreamTlsContext.class)
              .toBuilder();
      change.accept(tls);
      Cluster.Builder changed = cluster.toBuilder();
      changed.getTransportSocketBuilder().setTypedConfig(Any.pack(tls.build()));
      return changed.build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
