package io.kumarun.tls;

import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
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
  /** RFC 5280 §4.2.1.6: uniformResourceIdentifier. */
  private static final Integer URI_NAME = 6;

  public TlsCertificate {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("certificate " + name + " has an empty chain");
    }
  }

  public X509Certificate leaf() {
    return chain.getFirst();
  }

  /** The URI names of the leaf, in its order; parsed at each call. */
  public List<String> uriSans() {
    List<String> uris = new ArrayList<>();
    try {
      Collection<List<?>> names = leaf().getSubjectAlternativeNames();
      for (List<?> name : names == null ? List.<List<?>>of() : names) {
        if (name.get(0).equals(URI_NAME)) {
          uris.add((String) name.get(1));
        }
      }
    } catch (CertificateParsingException e) {
      // A certificate of ours that nobody can read has no names; peers will refuse it.
      return List.of();
    }
    return List.copyOf(uris);
  }

  @Override
  public String toString() {
    return "TlsCertificate[" + name + ", serial " + leaf().getSerialNumber().toString(16) + "]";
  }
}
