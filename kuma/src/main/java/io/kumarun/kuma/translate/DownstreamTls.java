package io.kumarun.kuma.translate;

import io.kumarun.tls.PeerValidation;
import io.kumarun.tls.ServerTls;
import io.kumarun.tls.TlsCertificate;
import io.kumarun.tls.TlsParameters;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A server side of TLS whose secrets are names still. */
record DownstreamTls(
    CertificateSource certificate,
    @Nullable ValidationSource validation,
    boolean requireClientCertificate,
    List<String> alpnProtocols,
    TlsParameters parameters) {

  void collectSecrets(Set<String> names) {
    TlsSecrets.collect(certificate, validation, names);
  }

  /** Null: something is missing, and {@code secrets} says what. Never less than was asked for. */
  @Nullable ServerTls resolve(SecretLookup secrets) {
    TlsCertificate resolved = certificate.resolve(secrets);
    PeerValidation peer = validation == null ? null : validation.resolve(secrets);
    if (resolved == null || (validation != null && peer == null)) {
      return null;
    }
    return new ServerTls(resolved, peer, requireClientCertificate, alpnProtocols, parameters);
  }
}
