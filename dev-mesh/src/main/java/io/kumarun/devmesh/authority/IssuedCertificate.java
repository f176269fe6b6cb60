package io.kumarun.devmesh.authority;

import java.math.BigInteger;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A leaf certificate with its key. The text form never shows the key.
 *
 * @param certificate the leaf
 * @param privateKey its key
 * @param subjectAlternativeNames the names it was issued for, in order
 */
public record IssuedCertificate(
    X509Certificate certificate, PrivateKey privateKey, List<String> subjectAlternativeNames) {

  public IssuedCertificate {
    subjectAlternativeNames = List.copyOf(subjectAlternativeNames);
  }

  /** The chain as Kuma sends it: the leaf alone. */
  public String certificateChainPem() {
    return Pem.of(certificate);
  }

  /** The key: PKCS#1 for RSA and SEC 1 for elliptic curves, as Kuma sends them. */
  public String privateKeyPem() {
    return Pem.of(privateKey);
  }

  public BigInteger serial() {
    return certificate.getSerialNumber();
  }

  @Override
  public String toString() {
    return "certificate " + serial().toString(16) + " for " + subjectAlternativeNames;
  }
}
