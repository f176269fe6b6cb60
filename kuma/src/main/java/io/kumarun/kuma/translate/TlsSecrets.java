package io.kumarun.kuma.translate;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The names of the secrets that one TLS side needs. */
final class TlsSecrets {
  private TlsSecrets() {}

  static void collect(
      @Nullable CertificateSource certificate,
      @Nullable ValidationSource validation,
      Set<String> names) {
    if (certificate instanceof CertificateSource.Secret secret) {
      names.add(secret.name());
    }
    if (validation != null && validation.secret() != null) {
      names.add(validation.secret());
    }
  }
}
