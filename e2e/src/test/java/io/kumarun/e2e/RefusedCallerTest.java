package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.kumarun.devmesh.authority.IssuedCertificate;
import io.kumarun.devmesh.authority.KeyKind;
import io.kumarun.devmesh.authority.MeshAuthority;
import io.kumarun.devmesh.authority.Validity;
import io.kumarun.devmesh.controlplane.ResourceType;
import io.kumarun.devmesh.scenario.Scenario;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who comes to a strict inbound without the identity that it asks for. */
class RefusedCallerTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final byte[] REQUEST =
      "GET /hello HTTP/1.1\r\nhost: backend\r\nconnection: close\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  /**
   * @param shown the certificate; null: none
   * @param alert what TLS tells the caller
   * @param reason what the operator reads
   */
  private record Case(
      String what,
      @Nullable IssuedCertificate shown,
      String alert,
      String metric,
      String... reason) {}

  @ParameterizedTest
  @EnumSource(names = {"LEGACY_STRICT_HTTP", "IDENTITY_STRICT_HTTP"})
  void aStrangerIsRefusedWithAReasonAndTheNeighbourIsServed(Scenario scenario) throws Exception {
    try (RefusalLog log = RefusalLog.start();
        RefusalMesh mesh = RefusalMesh.start(scenario)) {
      mesh.neighbourIsServed();
      assertThat(answer(mesh, mesh.mesh.authority().issue(List.of(frontendId(mesh)))))
          .as("the means of this test are good for a proper caller")
          .startsWith("HTTP/1.1 200");

      for (Case each : cases(mesh, scenario)) {
        log.forget();
        double before = count(mesh, each.metric());

        assertThat(refusal(mesh, each.shown())).as(each.what()).contains(each.alert());

        String line = log.await("listener ", " refused: ", each.reason()[0]);
        assertThat(line)
            .as(each.what())
            .contains(each.reason())
            .contains(mesh.backend.address() + ":" + mesh.backend.inboundPort())
            .doesNotContain("Exception");
        assertThat(count(mesh, each.metric())).as(each.what()).isEqualTo(before + 1);
        log.hasNoStackTrace();
        mesh.neighbourIsServed();
      }

      log.forget();
      double before = count(mesh, "envoy_listener_ssl_connection_error");
      assertThat(plaintext(mesh)).as("plaintext").isEmpty();
      log.await("listener ", " refused: ", "peer spoke plaintext to a TLS port");
      assertThat(count(mesh, "envoy_listener_ssl_connection_error")).isEqualTo(before + 1);
      log.hasNoStackTrace();
      mesh.neighbourIsServed();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"IDENTITY_STRICT_HTTP"})
  void aTrustedDomainWhoseNamesAreNotAcceptedIsRefused(Scenario scenario) throws Exception {
    try (RefusalLog log = RefusalLog.start();
        RefusalMesh mesh = RefusalMesh.start(scenario)) {
      String name = "spiffe://other.mesh.local/workload/frontend";
      IssuedCertificate foreign = mesh.mesh.foreignAuthority().issue(List.of(name));
      assertThat(answer(mesh, foreign))
          .as("its domain is trusted and accepted, but not permitted")
          .startsWith("HTTP/1.1 403");
      int position = mesh.mesh.journal().position();
      mesh.mesh.edit(
          mesh.backend,
          snapshot ->
              snapshot.with(
                  snapshot.resources(Listener.class).stream()
                      .filter(l -> l.getTrafficDirection() == TrafficDirection.INBOUND)
                      .map(RefusedCallerTest::withoutOtherDomain)
                      .toArray(Listener[]::new)));
      mesh.mesh
          .journal()
          .awaitAck(position, mesh.mesh.nodeId(mesh.backend), ResourceType.LISTENER, LIMIT);

      org.awaitility.Awaitility.await()
          .atMost(LIMIT)
          .until(() -> refusal(mesh, foreign).contains("certificate"));

      log.await(
          "listener ",
          " refused: ",
          "peer presents " + name,
          "accepted: prefix spiffe://demo.mesh.local/");
      assertThat(count(mesh, "envoy_listener_ssl_fail_verify_san")).isPositive();
      log.hasNoStackTrace();
      mesh.neighbourIsServed();
    }
  }

  private static List<Case> cases(RefusalMesh mesh, Scenario scenario) {
    MeshAuthority ours = mesh.mesh.authority();
    String id = frontendId(mesh);
    String domain = ours.trustDomain();
    String name = "envoy_listener_ssl_fail_verify_san";
    String chain = "envoy_listener_ssl_fail_verify_error";
    boolean legacy = scenario == Scenario.LEGACY_STRICT_HTTP;
    MeshAuthority unknown = MeshAuthority.create(domain, KeyKind.EC_P256);
    List<Case> cases = new ArrayList<>();
    cases.add(
        new Case(
            "no certificate",
            null,
            "certificate_required",
            "envoy_listener_ssl_fail_verify_no_cert",
            "peer did not present a certificate"));
    cases.add(
        new Case(
            "a certificate of an unknown authority",
            unknown.issue(List.of(id)),
            "unknown_ca",
            chain,
            id));
    cases.add(
        new Case(
            "an expired certificate",
            ours.issue(List.of(id), Validity.alreadyExpired(Instant.now())),
            "certificate_expired",
            chain,
            "expired"));
    String elsewhere = "spiffe://elsewhere.example/workload/frontend";
    cases.add(
        legacy
            ? new Case(
                "another trust domain, signed by our authority",
                ours.issue(List.of(elsewhere)),
                "certificate",
                name,
                elsewhere,
                "accepted: prefix spiffe://demo/")
            : new Case(
                "a trust domain that is not in the bundle",
                MeshAuthority.create("elsewhere.example", KeyKind.EC_P256)
                    .issue(List.of(elsewhere)),
                "unknown_ca",
                chain,
                elsewhere,
                "trust domain elsewhere.example is unknown here; known: demo.mesh.local,"
                    + " other.mesh.local"));
    cases.add(
        new Case(
            "our trust domain, signed by the authority of another",
            mesh.mesh.foreignAuthority().issue(List.of(id)),
            "unknown_ca",
            chain,
            id));
    if (!legacy) {
      // Envoy's own validator for Mesh.mtls takes any name that matches, and so does ours.
      cases.add(
          new Case(
              "names of two trust domains",
              ours.issue(List.of(id, elsewhere)),
              "certificate",
              name,
              "several trust domains",
              id,
              elsewhere));
    }
    return cases;
  }

  private static String frontendId(RefusalMesh mesh) {
    return mesh.mesh.spiffeId(mesh.frontend);
  }

  private static double count(RefusalMesh mesh, String metric) {
    return RefusalMesh.metric(mesh.backendSidecar, metric, mesh.backend.address());
  }

  private static SSLSocket connect(RefusalMesh mesh, @Nullable IssuedCertificate shown)
      throws IOException {
    SSLSocket socket =
        (SSLSocket)
            RefusalTls.context(shown)
                .getSocketFactory()
                .createSocket(mesh.backend.address(), mesh.backend.inboundPort());
    socket.setSoTimeout((int) LIMIT.toMillis());
    return socket;
  }

  /** The first bytes of the answer. */
  private static String answer(RefusalMesh mesh, IssuedCertificate shown) throws IOException {
    try (SSLSocket socket = connect(mesh, shown)) {
      socket.getOutputStream().write(REQUEST);
      return new String(socket.getInputStream().readNBytes(20), StandardCharsets.US_ASCII);
    }
  }

  /** What TLS tells the caller; it sends nothing that could hide it. */
  private static String refusal(RefusalMesh mesh, @Nullable IssuedCertificate shown) {
    try (SSLSocket socket = connect(mesh, shown)) {
      socket.startHandshake();
      int read = socket.getInputStream().read();
      return read < 0 ? "closed" : "served";
    } catch (java.net.SocketTimeoutException e) {
      return "nothing happened";
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static String plaintext(RefusalMesh mesh) throws IOException {
    try (Socket socket = new Socket(mesh.backend.address(), mesh.backend.inboundPort())) {
      socket.setSoTimeout((int) LIMIT.toMillis());
      socket.getOutputStream().write(REQUEST);
      InputStream in = socket.getInputStream();
      String seen = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
      // An alert of TLS (content type 21) is no answer.
      return seen.startsWith("\u0015") ? "" : seen;
    } catch (java.net.SocketException e) {
      return "";
    }
  }

  private static Listener withoutOtherDomain(Listener listener) {
    Listener.Builder changed = listener.toBuilder();
    for (FilterChain.Builder chain : changed.getFilterChainsBuilderList()) {
      if (chain.hasTransportSocket()) {
        chain.setTransportSocket(withoutOtherDomain(chain.getTransportSocket()));
      }
    }
    return changed.build();
  }

  private static TransportSocket withoutOtherDomain(TransportSocket socket) {
    try {
      DownstreamTlsContext.Builder tls =
          socket.getTypedConfig().unpack(DownstreamTlsContext.class).toBuilder();
      if (!tls.getCommonTlsContext().hasCombinedValidationContext()) {
        return socket; // the admin listener's
      }
      CertificateValidationContext.Builder accepted =
          tls.getCommonTlsContextBuilder()
              .getCombinedValidationContextBuilder()
              .getDefaultValidationContextBuilder();
      List<SubjectAltNameMatcher> kept =
          accepted.getMatchTypedSubjectAltNamesList().stream()
              .filter(matcher -> !matcher.getMatcher().getPrefix().contains("//other."))
              .toList();
      accepted.clearMatchTypedSubjectAltNames().addAllMatchTypedSubjectAltNames(kept);
      return socket.toBuilder().setTypedConfig(Any.pack(tls.build())).build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
