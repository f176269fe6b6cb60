package io.kumarun.devmesh.authority;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Checks a dataplane token against the data plane that shows it, with the sentences of kuma-cp
 * (contract §1.4, live notes §5). Any thread.
 */
public final class TokenAuthenticator {

  private static final String PREFIX = "authentication failed: ";
  private static final String UNPARSABLE = "could not parse token: ";

  private final TokenIssuer issuer;

  public TokenAuthenticator(TokenIssuer issuer) {
    this.issuer = issuer;
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
    if (!TokenIssuer.KEY_ID.equals(keyId)) {
      return "there is no signing key with KID " + keyId;
    }
    try {
      if (!jwt.verify(new RSASSAVerifier(issuer.publicKey()))) {
        return UNPARSABLE + "token signature is invalid: crypto/rsa: verification error";
      }
    } catch (JOSEException e) {
      return UNPARSABLE + "token is unverifiable: " + jwt.getHeader().getAlgorithm();
    }
    Instant now = issuer.clock().instant();
    if (isBefore(claims.getExpirationTime(), now)) {
      return UNPARSABLE + "token has invalid claims: token is expired";
    }
    Date notBefore = claims.getNotBeforeTime();
    if (notBefore != null && notBefore.toInstant().isAfter(now)) {
      return UNPARSABLE + "token has invalid claims: token is not valid yet";
    }
    return null;
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
