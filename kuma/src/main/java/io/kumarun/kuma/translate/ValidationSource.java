package io.kumarun.kuma.translate;

import io.kumarun.kuma.translate.TranslatedSecret.Content.Validation;
import io.kumarun.tls.PeerValidation;
import io.kumarun.tls.SanMatcher;
import io.kumarun.tls.TrustBundle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a peer is checked against, before its secret is known. Envoy merges the secret into the
 * inline part ({@code combined_validation_context}): names are added up, the secret's authorities
 * win.
 *
 * @param secret null: all is inline
 */
record ValidationSource(@Nullable String secret, Validation inline) {
  @Nullable PeerValidation resolve(SecretLookup secrets) {
    TrustBundle trust = inline.trust();
    List<SanMatcher> accepted = inline.accepted();
    if (secret != null) {
      Validation found = secrets.validation(secret);
      if (found == null) {
        return null;
      }
      if (found.trust() != null) {
        trust = found.trust();
      }
      if (!found.accepted().isEmpty()) {
        accepted = new ArrayList<>(accepted);
        accepted.addAll(found.accepted());
      }
    }
    if (trust == null) {
      secrets.withoutAuthorities(secret == null ? "the validation context" : "secret " + secret);
      return null;
    }
    return new PeerValidation(trust, accepted);
  }
}
