package io.kumarun.kuma.translate;

import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.kumarun.tls.InvalidSecretException;
import io.kumarun.tls.PemSecrets;
import io.kumarun.tls.TlsCertificate;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;

/** Certificates and keys inside resources; what is wrong with them is said with its field. */
final class PemReader {
  private PemReader() {}

  /** A chain with its key. */
  static TlsCertificate certificate(
      String name, DataSource chain, DataSource privateKey, FieldPath path) {
    try {
      return PemSecrets.certificate(
          name,
          bytes(chain, path.at("certificate_chain")),
          bytes(privateKey, path.at("private_key")));
    } catch (InvalidSecretException e) {
      throw path.rejected(e.problem());
    }
  }

  /**
   * All certificates, in order. Empty where nothing was sent: a control plane does so for an
   * authority that does not exist.
   */
  static List<X509Certificate> authorities(DataSource source, FieldPath path) {
    byte[] pem = bytes(source, path);
    if (pem.length == 0) {
      return List.of();
    }
    try {
      return PemSecrets.authorities("of authorities", pem);
    } catch (InvalidSecretException e) {
      throw path.rejected(e.problem());
    }
  }

  private static byte[] bytes(DataSource source, FieldPath path) {
    return switch (source.getSpecifierCase()) {
      case INLINE_BYTES -> source.getInlineBytes().toByteArray();
      case INLINE_STRING -> source.getInlineString().getBytes(StandardCharsets.UTF_8);
      case FILENAME, ENVIRONMENT_VARIABLE, SPECIFIER_NOT_SET ->
          throw path.rejected(source.getSpecifierCase(), "inline bytes or an inline string");
    };
  }
}
