package io.kumarun.devmesh.authority;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokenAuthenticatorTest {

  private static final Duration HOUR = Duration.ofHours(1);

  private final TokenIssuer issuer =
      new TokenIssuer(InstantSource.fixed(Instant.parse("2026-11-24T12:00:00Z")));
  private final TokenAuthenticator authenticator = new TokenAuthenticator(issuer);

  @Test
  void acceptsATokenForThisDataplane() {
    String token = issuer.issue(TokenSubject.of("demo", "web-1", "web"), HOUR);

    assertThat(authenticator.refusal(token, claim("demo", "web-1", "web", true))).isNull();
  }

  @Test
  void hasTheClaimsAndHeaderOfKuma() {
    String token = issuer.issue(TokenSubject.of("demo", "web-1", "web"), HOUR);
    String[] parts = token.split("\\.", -1);

    assertThat(decoded(parts[0])).contains("\"kid\":\"1\"").contains("\"alg\":\"RS256\"");
    assertThat(decoded(parts[1]))
        .contains("\"Name\":\"web-1\"", "\"Mesh\":\"demo\"", "\"Workload\":\"web\"", "\"Tags\":{}")
        .contains("\"exp\":1795525200", "\"nbf\":1795521595", "\"iat\":1795521595", "\"jti\":");
  }

  @Test
  void refusesGarbage() {
    assertThat(authenticator.refusal("nonsense", claim("demo", "web-1", "web", false)))
        .startsWith("authentication failed: could not parse token: ");
    assertThat(authenticator.refusal("a.b.c", claim("demo", "web-1", "web", false)))
        .startsWith("authentication failed: could not parse token: ");
  }

  @Test
  void refusesAnExpiredToken() {
    String token = issuer.issue(TokenSubject.of("demo", "web-1", "web"), Duration.ofMinutes(-1));

    assertThat(authenticator.refusal(token, claim("demo", "web-1", "web", false)))
        .isEqualTo(
            "authentication failed: could not parse token: token has invalid claims: token is"
                + " expired");
  }

  @Test
  void refusesATokenThatWasTamperedWith() {
    String token = issuer.issue(TokenSubject.of("demo", "web-1", "web"), HOUR);
    String[] parts = token.split("\\.", -1);
    String payload = decoded(parts[1]).replace("web-1", "web-2");
    String forged =
        parts[0]
            + "."
            + Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(payload.getBytes(StandardCharsets.UTF_8))
            + "."
            + parts[2];

    assertThat(authenticator.refusal(forged, claim("demo", "web-2", "web", false)))
        .contains("token signature is invalid");
  }

  @Test
  void refusesATokenOfAnotherDataplaneMeshOrWorkload() {
    String token = issuer.issue(TokenSubject.of("demo", "web-1", "web"), HOUR);

    assertThat(authenticator.refusal(token, claim("demo", "x-1", "web", false)))
        .isEqualTo(
            "authentication failed: proxy name from requestor: x-1 is different than in token:"
                + " web-1");
    assertThat(authenticator.refusal(token, claim("other", "web-1", "web", false)))
        .isEqualTo(
            "authentication failed: proxy mesh from requestor: other is different than in token:"
                + " demo");
    assertThat(authenticator.refusal(token, claim("demo", "web-1", "batch", false)))
        .isEqualTo(
            "authentication failed: dataplane workload \"batch\" is not allowed with this token."
                + " Allowed workload in token is \"web\"");
  }

  @Test
  void demandsAWorkloadWhereTheIdentityComesFromIt() {
    String token = issuer.issue(TokenSubject.of("demo", "web-1", ""), HOUR);

    assertThat(authenticator.refusal(token, claim("demo", "web-1", "web", true)))
        .isEqualTo(
            "authentication failed: dataplane with \"kuma.io/workload\" label \"web\" derives its"
                + " identity from the workload, so it requires a workload-bound token");
    assertThat(authenticator.refusal(token, claim("demo", "web-1", "web", false))).isNull();
  }

  @Test
  void checksTagsWhenTheTokenNamesSome() {
    String token =
        issuer.issue(
            new TokenSubject("", "demo", "", Map.of("kuma.io/service", List.of("web"))), HOUR);

    assertThat(authenticator.refusal(token, claim("demo", "any", "web", false))).isNull();
    assertThat(
            authenticator.refusal(
                token,
                new ProxyClaim(
                    "demo", "any", null, Map.of("kuma.io/service", List.of("batch")), false)))
        .contains("tag \"kuma.io/service\" with value \"batch\" which is not allowed");
  }

  @Test
  void refusesARevokedTokenAndNoOther() {
    String token = issuer.issue(TokenSubject.of("demo", "web-1", "web"), HOUR);
    String other = issuer.issue(TokenSubject.of("demo", "web-1", "web"), HOUR);

    authenticator.revoke(token);

    assertThat(authenticator.refusal(token, claim("demo", "web-1", "web", false)))
        .isEqualTo("authentication failed: token is revoked");
    assertThat(authenticator.refusal(other, claim("demo", "web-1", "web", false))).isNull();
  }

  @Test
  void takesTokensOfAnIssuerWhosePublicKeyItWasGiven() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    TokenIssuer offline = new TokenIssuer("offline", generator.generateKeyPair(), issuer.clock());
    String token = offline.issue(TokenSubject.of("demo", "web-1", "web"), HOUR);

    assertThat(authenticator.refusal(token, claim("demo", "web-1", "web", false)))
        .isEqualTo("authentication failed: there is no signing key with KID offline");
    authenticator.trust(offline.keyId(), offline.publicKey());

    assertThat(authenticator.refusal(token, claim("demo", "web-1", "web", false))).isNull();
  }

  @Test
  void refusesSymmetricAndUnknownSignatures() throws Exception {
    JWTClaimsSet claims = new JWTClaimsSet.Builder().claim("Name", "web-1").build();
    SignedJWT symmetric =
        new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("1").build(), claims);
    symmetric.sign(new MACSigner(new byte[32]));
    SignedJWT longer =
        new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS512).keyID("1").build(), claims);
    longer.sign(new MACSigner(new byte[64]));
    SignedJWT nameless = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
    nameless.sign(new MACSigner(new byte[32]));

    assertThat(authenticator.refusal(symmetric.serialize(), claim("demo", "web-1", "web", false)))
        .isEqualTo("authentication failed: there is no signing key with KID 0");
    assertThat(authenticator.refusal(longer.serialize(), claim("demo", "web-1", "web", false)))
        .contains("unsupported token alg HS512. Allowed algorithms are RS256 and HS256");
    assertThat(authenticator.refusal(nameless.serialize(), claim("demo", "web-1", "web", false)))
        .contains("JWT token must have kid header");
  }

  private static ProxyClaim claim(
      String mesh, String name, String workload, boolean identityFromWorkload) {
    return new ProxyClaim(
        mesh, name, workload, Map.of("kuma.io/service", List.of("web")), identityFromWorkload);
  }

  private static String decoded(String part) {
    return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
  }
}
