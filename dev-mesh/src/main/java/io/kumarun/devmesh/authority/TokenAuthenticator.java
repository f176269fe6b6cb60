package io.kumarun.devmesh.authority;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Checks a dataplane token against the data plane that shows it, with the sentences of kuma-cp
 * (contract §1.4, live notes §5). Any thread.
 */
public final class TokenAuthenticator {

  private static final String PREFIX = "authentication failed: ";
  private static final String UNPARSABLE = "could not parse token: ";
  private static final String NO_KEY = "there is no signing key with KID ";

  private final InstantSource clock;
  private final Map<String, RSAPublicKey> keys = new ConcurrentHashMap<>();
  private final Set<String> revoked = ConcurrentHashMap.newKeySet();

  /** Takes the tokens of this issuer. */
  public TokenAuthenticator(TokenIssuer issuer) {
    this.clock = issuer.clock();
    trust(issuer.keyId(), issuer.publicKey());
  }

  /** Takes tokens of another issuer, whose key never was here ({@code validator.publicKeys}). */
  public void trust(String keyId, RSAPublicKey key) {
    keys.put(keyId, key);
  }

  /**
   * Takes this token no more; streams that began with it go on.
   *
   * @throws IllegalArgumentException if it is no token
   */
  public void revoke(String token) {
    try {
      revoked.add(SignedJWT.parse(token).getJWTClaimsSet().getJWTID());
    } catch (ParseException e) {
      throw new IllegalArgumentException("Only a token can be revoked", e);
    }
  }

  /** Why this token is refused, in Kuma's words; null if it is good. */
  public @Nullable String refusal(String token, ProxyClaim proxy) {
    String reason = reason(token, proxy);
    return reason == null ? null : PREFIX + reason;
  }

  private @Nullable String reason(String token, ProxyClaim proxy) {
    if (token.chars().filter(c -> c == '.').count() != 2) {
      return UNPARSABLE + "token is malformed: token contains an invalid number of segments";
    }
    SignedJWT jwt;
    JWTClaimsSet claims;
    try {
      jwt = SignedJWT.parse(token);
      claims = jwt.getJWTClaimsSet();
    } catch (ParseException e) {
      return UNPARSABLE + "token is malformed: could not decode it";
    }
    String unsound = unsound(jwt, claims);
    return unsound != null ? unsound : mismatch(claims, proxy);
  }

  private @Nullable String unsound(SignedJWT jwt, JWTClaimsSet claims) {
    String keyId = jwt.getHeader().getKeyID();
    if (keyId == null) {
      return UNPARSABLE + "token is unverifiable: JWT token must have kid header";
    }
    JWSAlgorithm algorithm = jwt.getHeader().getAlgorithm();
    if (algorithm.equals(JWSAlgorithm.HS256)) {
      // Kuma looks for the symmetric key of old, under number 0: nobody has one any more.
      return NO_KEY + "0";
    }
    if (!algorithm.equals(JWSAlgorithm.RS256)) {
      return UNPARSABLE
          + "token is unverifiable: unsupported token alg "
          + algorithm
          + ". Allowed algorithms are RS256 and HS256";
    }
    RSAPublicKey key = keys.get(keyId);
    if (key == null) {
      return NO_KEY + keyId;
    }
    try {
      if (!jwt.verify(new RSASSAVerifier(key))) {
        return UNPARSABLE + "token signature is invalid: crypto/rsa: verification error";
      }
    } catch (JOSEException e) {
      return UNPARSABLE + "token is unverifiable: " + jwt.getHeader().getAlgorithm();
    }
    Instant now = clock.instant();
    if (isBefore(claims.getExpirationTime(), now)) {
      return UNPARSABLE + "token has invalid claims: token is expired";
    }
    Date notBefore = claims.getNotBeforeTime();
    if (notBefore != null && notBefore.toInstant().isAfter(now)) {
      return UNPARSABLE + "token has invalid claims: token is not valid yet";
    }
    String id = claims.getJWTID();
    return id != null && revoked.contains(id) ? "token is revoked" : null;
  }

  private static @Nullable String mismatch(JWTClaimsSet claims, ProxyClaim proxy) {
    String name = text(claims, "Name");
    if (!name.isEmpty() && !name.equals(proxy.name())) {
      return "proxy name from requestor: " + proxy.name() + " is different than in token: " + name;
    }
    String mesh = text(claims, "Mesh");
    if (!mesh.isEmpty() && !mesh.equals(proxy.mesh())) {
      return "proxy mesh from requestor: " + proxy.mesh() + " is different than in token: " + mesh;
    }
    String type = text(claims, "Type");
    if (!type.isEmpty() && !type.equals("dataplane")) {
      return "dataplane is of type Dataplane but token allows only for the \"" + type + "\" type";
    }
    String tag = tagMismatch(claims, proxy);
    return tag != null ? tag : workloadMismatch(text(claims, "Workload"), proxy);
  }

  private static @Nullable String tagMismatch(JWTClaimsSet claims, ProxyClaim proxy) {
    if (!(claims.getClaim("Tags") instanceof Map<?, ?> allowed)) {
      return null;
    }
    Map<String, List<?>> ordered = new TreeMap<>();
    allowed.forEach((tag, values) -> ordered.put((String) tag, (List<?>) values));
    for (Map.Entry<String, List<?>> entry : ordered.entrySet()) {
      List<String> values = proxy.tags().get(entry.getKey());
      if (values == null) {
        return "dataplane has no tag \"" + entry.getKey() + "\" required by the token";
      }
      for (String value : values) {
        if (!entry.getValue().contains(value)) {
          return "dataplane contains tag \"%s\" with value \"%s\" which is not allowed with this token. Allowed values in token are %s"
              .formatted(entry.getKey(), value, entry.getValue());
        }
      }
    }
    return null;
  }

  private static @Nullable String workloadMismatch(String allowed, ProxyClaim proxy) {
    String workload = proxy.workload();
    if (allowed.isEmpty()) {
      return proxy.identityFromWorkload() && workload != null
          ? "dataplane with \"kuma.io/workload\" label \"%s\" derives its identity from the workload, so it requires a workload-bound token"
              .formatted(workload)
          : null;
    }
    if (workload == null) {
      return "dataplane has no workload label required by the token";
    }
    return workload.equals(allowed)
        ? null
        : "dataplane workload \"%s\" is not allowed with this token. Allowed workload in token is \"%s\""
            .formatted(workload, allowed);
  }

  private static boolean isBefore(@Nullable Date date, Instant now) {
    return date != null && date.toInstant().isBefore(now);
  }

  private static String text(JWTClaimsSet claims, String name) {
    return claims.getClaim(name) instanceof String text ? text : "";
  }
}
