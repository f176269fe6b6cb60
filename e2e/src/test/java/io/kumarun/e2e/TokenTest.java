package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.authority.TokenIssuer;
import io.kumarun.devmesh.authority.TokenSubject;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Topology;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tokens as the control plane takes or refuses them, as the operator of a sidecar sees it. The
 * token is in a file, which is read for every stream: a good one in it ends every refusal.
 */
@Timeout(60)
class TokenTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration DAY = Duration.ofDays(1);

  private final Dataplane backend = Dataplane.ofRole("backend");
  private final DevMesh mesh =
      DevMesh.start(Scenario.IDENTITY_STRICT_HTTP, Topology.of("demo", backend));

  @TempDir Path folder;

  @AfterEach
  void close() {
    mesh.close();
  }

  @Test
  void eachRefusalIsSaidAndAGoodTokenInTheFileEndsIt() throws Exception {
    TokenIssuer issuer = mesh.controlPlane().tokens();
    Map<String, String> tokens = new LinkedHashMap<>();
    String revoked = mesh.token(backend);
    mesh.controlPlane().authenticator().revoke(revoked);
    tokens.put("token is revoked", revoked);
    tokens.put(
        "requires a workload-bound token",
        issuer.issue(TokenSubject.of("demo", backend.name(), ""), DAY));
    tokens.put(
        "workload \"backend\" is not allowed with this token",
        issuer.issue(TokenSubject.of("demo", backend.name(), "other"), DAY));
    tokens.put(
        "tag \"kuma.io/service\" with value \"backend\" which is not allowed",
        issuer.issue(
            new TokenSubject("", "demo", "backend", Map.of("kuma.io/service", List.of("other"))),
            DAY));
    tokens.put("there is no signing key with KID 0", symmetric());
    tokens.put("there is no signing key with KID offline", offline().issue(subject(), DAY));

    for (Map.Entry<String, String> each : tokens.entrySet()) {
      try (RefusalLog log = RefusalLog.start();
          Proxy.Kumarun sidecar = launch(each.getValue())) {
        log.await("refuses this data plane", "authentication failed", each.getKey());
        assertThat(log.lines()).noneMatch(line -> line.contains(each.getValue()));
        assertThat(sidecar.sidecar().isReady()).isFalse();
        log.hasNoStackTrace();
      }
    }
    try (RefusalLog log = RefusalLog.start();
        Proxy.Kumarun sidecar = launch(revoked)) {
      log.await("refuses this data plane", "token is revoked");

      Files.writeString(file(), mesh.token(backend) + "\n");

      await().atMost(LIMIT).until(sidecar.sidecar()::isReady);
    }
  }

  @Test
  void aTokenOfAnIssuerWhosePublicKeyTheControlPlaneWasGivenIsTaken() throws Exception {
    TokenIssuer offline = offline();
    mesh.controlPlane().authenticator().trust(offline.keyId(), offline.publicKey());
    try (Proxy.Kumarun sidecar = launch(offline.issue(subject(), DAY))) {
      await().atMost(LIMIT).until(sidecar.sidecar()::isReady);
    }
  }

  @Test
  void aStreamOutlivesTheRevocationOfItsToken() throws Exception {
    String token = mesh.token(backend);
    try (Proxy.Kumarun sidecar = launch(token)) {
      await().atMost(LIMIT).until(sidecar.sidecar()::isReady);
      mesh.controlPlane().authenticator().revoke(token);

      var serial = mesh.rotateCertificate(backend).serial();

      await()
          .atMost(LIMIT)
          .untilAsserted(() -> assertThat(RefusalTls.serialShownBy(backend)).isEqualTo(serial));
    }
  }

  private TokenSubject subject() {
    return TokenSubject.of("demo", backend.name(), backend.workload());
  }

  private static TokenIssuer offline() throws NoSuchAlgorithmException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return new TokenIssuer("offline", generator.generateKeyPair(), InstantSource.system());
  }

  private static String symmetric() throws JOSEException {
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("1").build(),
            new JWTClaimsSet.Builder().claim("Mesh", "demo").build());
    token.sign(new MACSigner(new byte[32]));
    return token.serialize();
  }

  private Path file() {
    return folder.resolve("token");
  }

  private Proxy.Kumarun launch(String token) throws IOException {
    Files.writeString(file(), token);
    Map<String, String> settings = new HashMap<>(RefusalMesh.SMALL);
    settings.put("KUMA_DATAPLANE_RUNTIME_TOKEN", "");
    settings.put("KUMA_DATAPLANE_RUNTIME_TOKEN_PATH", file().toString());
    return Proxy.Kumarun.launch(mesh, backend, settings);
  }
}
