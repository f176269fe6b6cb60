package io.kumarun.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A certificate chain (leaf first) with the leaf's private key: one version of one secret.
 *
 * <p>Immutable; any thread. {@link #toString()} never shows the key.
 *
 * @param name the secret's name, for messages
 * @param chain leaf first, never empty
 */
public record TlsCertificate(String name, List<X509Certificate> chain, PrivateKey privateKey) {
  public TlsCertificate {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("certificate " + name + " has an empty chain");
    }
  }

  public X509Certificate leaf() {
    return chain.getFirst();
  }

  @Override
  public String toString() {
    return "TlsCertificate[" + name + ", serial " + leaf().getSerialNumber().toString(16) + "]";
  }
}
