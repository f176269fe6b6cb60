package io.kumarun.kuma.translate;

import io.kumarun.tls.TlsCertificate;
import org.jspecify.annotations.Nullable;

/** Where a certificate comes from. */
sealed interface CertificateSource {
  record Inline(TlsCertificate certificate) implements CertificateSource {}

  record Secret(String name) implements CertificateSource {}

  default @Nullable TlsCertificate resolve(SecretLookup secrets) {
    return switch (this) {
      case Inline inline -> inline.certificate();
      case Secret secret -> secrets.certificate(secret.name());
    };
  }
}
