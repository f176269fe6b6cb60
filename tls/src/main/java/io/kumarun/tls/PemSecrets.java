package io.kumarun.tls;

import io.kumarun.tls.PemBlocks.Block;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the PEM that a control plane sends as secrets (contract §2.6). Any thread; no state; no
 * security provider is registered.
 *
 * <p>Every input, however broken, ends in a value or an {@link InvalidSecretException}.
 */
public final class PemSecrets {
  private static final String CERTIFICATE = "CERTIFICATE";

  private PemSecrets() {}

  /**
   * A certificate chain, leaf first, with the leaf's private key (PKCS#1, SEC1 or PKCS#8, not
   * encrypted). The key is proved to be the leaf's.
   *
   * @param secret the secret's name, for messages
   */
  public static TlsCertificate certificate(String secret, byte[] chainPem, byte[] keyPem)
      throws InvalidSecretException {
    List<X509Certificate> chain = certificates(secret, chainPem);
    PrivateKey key = PrivateKeys.read(secret, PemBlocks.split(secret, keyPem));
    PrivateKeys.requireSamePair(secret, chain.getFirst(), key);
    return new TlsCertificate(secret, chain, key);
  }

  /**
   * The authorities of a validation context or of one trust domain. A certificate revocation list
   * among them is refused: Envoy would enforce it, and this program cannot.
   *
   * @param secret the secret's name, for messages
   */
  public static List<X509Certificate> authorities(String secret, byte[] pem)
      throws InvalidSecretException {
    return certificates(secret, pem);
  }

  private static List<X509Certificate> certificates(String secret, byte[] pem)
      throws InvalidSecretException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Block block : PemBlocks.split(secret, pem)) {
      if (block.label().equals("X509 CRL")) {
        throw new InvalidSecretException(
            secret, "holds a certificate revocation list, which is not supported; remove it");
      }
      if (block.label().equals(CERTIFICATE)) {
        certificates.add(decode(secret, block, certificates.size() + 1));
      }
    }
    if (certificates.isEmpty()) {
      throw new InvalidSecretException(secret, "no PEM block CERTIFICATE in it");
    }
    return List.copyOf(certificates);
  }

  private static X509Certificate decode(String secret, Block block, int position)
      throws InvalidSecretException {
    try {
      return X509Der.decode(block.der());
    } catch (CertificateException e) {
      throw new InvalidSecretException(
          secret, "certificate " + position + " in it is not a readable X.509 certificate");
    }
  }
}
