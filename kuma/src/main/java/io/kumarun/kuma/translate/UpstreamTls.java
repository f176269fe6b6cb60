package io.kumarun.kuma.translate;

import io.kumarun.tls.ClientTls;
import io.kumarun.tls.PeerValidation;
import io.kumarun.tls.TlsCertificate;
import io.kumarun.tls.TlsParameters;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A client side of TLS whose secrets are names still. */
record UpstreamTls(
    @Nullable CertificateSource certificate,
    @Nullable ValidationSource validation,
    String sni,
    List<String> alpnProtocols,
    TlsParameters parameters) {

  void collectSecrets(Set<String> names) {
    TlsSecrets.collect(certificate, validation, names);
  }

  /** Null: something is missing, and {@code secrets} says what. Never less than was asked for. */
  @Nullable ClientTls resolve(SecretLookup secrets) {
    TlsCertificate resolved = certificate == null ? null : certificate.resolve(secrets);
    PeerValidation peer = validation == null ? null : validation.resolve(secrets);
    if ((certificate != null && resolved == null) || (validation != null && peer == null)) {
      return null;
    }
    return new ClientTls(resolved, peer, sni, alpnProtocols, parameters);
  }
}
