package io.kumarun.kuma.translate;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.kumarun.kuma.translate.TranslatedSecret.Content;
import io.kumarun.tls.TlsCertificate;
import java.util.List;

/** {@code Secret}: certificates with their keys, and validation contexts (contract §2.6). */
final class SecretTranslator {
  private SecretTranslator() {}

  static TranslatedSecret translate(String name, Any resource, FieldPath path) {
    Secret secret = path.unpack(resource, Secret.class);
    if (!secret.getName().equals(name)) {
      throw path.at("name").rejected(secret.getName(), "the name it was sent under");
    }
    Content content =
        switch (secret.getTypeCase()) {
          case TLS_CERTIFICATE ->
              new Content.Certificate(
                  certificate(name, secret.getTlsCertificate(), path.at("tls_certificate")));
          case VALIDATION_CONTEXT ->
              ValidationTranslator.translate(
                  secret.getValidationContext(), path.at("validation_context"));
          // Sent for an authority that does not exist, so that nobody waits for an answer.
          case TYPE_NOT_SET -> new Content.Validation(null, List.of());
          case SESSION_TICKET_KEYS, GENERIC_SECRET ->
              throw path.rejected(
                  secret.getTypeCase(), "a tls_certificate or a validation_context");
        };
    return new TranslatedSecret(content, path.notes());
  }

  static TlsCertificate certificate(
      String name,
      io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate source,
      FieldPath path) {
    path.refuse(source.hasPassword(), "password");
    path.refuse(source.hasPrivateKeyProvider(), "private_key_provider");
    path.refuse(source.hasPkcs12(), "pkcs12");
    return PemReader.certificate(name, source.getCertificateChain(), source.getPrivateKey(), path);
  }
}
