package io.kumarun.devmesh.authority;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.UUID;

/**
 * Issues dataplane tokens as Kuma does: RS256, key id {@code 1}, the claims {@code Name}, {@code
 * Mesh}, {@code Tags}, {@code Type} and {@code Workload} (contract §1.4). Any thread.
 */
public final class TokenIssuer {

  /** Serial number of the signing key, the header {@code kid}. */
  private static final String KEY_ID = "1";

  private static final Duration CLOCK_SKEW = Duration.ofSeconds(5);

  private final String keyId;
  private final KeyPair keys;
  private final InstantSource clock;

  /** The issuer of a control plane, which keeps its signing keys itself. */
  public TokenIssuer(InstantSource clock) {
    this(KEY_ID, KeyPairs.shared(KeyKind.RSA_2048), clock);
  }

  /** An issuer somewhere else: control planes know its public key at most. */
  public TokenIssuer(String keyId, KeyPair keys, InstantSource clock) {
    this.keyId = keyId;
    this.keys = keys;
    this.clock = clock;
  }

  /** A token that is valid from now on. A negative lifetime gives one that has expired. */
  public String issue(TokenSubject subject, Duration lifetime) {
    Instant now = clock.instant();
    Instant begin =
        now.plus(lifetime.isNegative() ? lifetime.multipliedBy(2) : CLOCK_SKEW.negated());
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .claim("Name", subject.name())
            .claim("Mesh", subject.mesh())
            .claim("Tags", subject.tags())
            .claim("Type", "")
            .claim("Workload", subject.workload())
            .issueTime(Date.from(begin))
            .notBeforeTime(Date.from(begin))
            .expirationTime(Date.from(now.plus(lifetime)))
            .jwtID(UUID.randomUUID().toString())
            .build();
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(keyId).type(JOSEObjectType.JWT).build(),
            claims);
    try {
      token.sign(new RSASSASigner(keys.getPrivate()));
    } catch (JOSEException e) {
      throw new IllegalStateException("A token could not be signed", e);
    }
    return token.serialize();
  }

  /** The header {@code kid} of its tokens. */
  public String keyId() {
    return keyId;
  }

  /** What its tokens are verified with. */
  public RSAPublicKey publicKey() {
    return (RSAPublicKey) keys.getPublic();
  }

  InstantSource clock() {
    return clock;
  }
}
