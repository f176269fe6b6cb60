package io.kumarun.devmesh.authority;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.util.io.pem.PemObject;

/** Certificates and keys as PEM text. */
final class Pem {

  private Pem() {}

  static String of(X509Certificate certificate) {
    return written(certificate);
  }

  /** PKCS#1 for RSA; SEC 1 with the name of the curve, which BoringSSL needs, for P-256. */
  static String of(PrivateKey key) {
    return key instanceof ECPrivateKey curve ? sec1(curve) : written(key);
  }

  private static String sec1(ECPrivateKey key) {
    try {
      return written(
          new PemObject(
              "EC PRIVATE KEY",
              new org.bouncycastle.asn1.sec.ECPrivateKey(
                      KeyKind.EC_P256.bits(), key.getS(), SECObjectIdentifiers.secp256r1)
                  .getEncoded()));
    } catch (IOException e) {
      throw new UncheckedIOException("A key cannot fail to be encoded", e);
    }
  }

  private static String written(Object object) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
      pem.writeObject(object);
    } catch (IOException e) {
      throw new UncheckedIOException("A string cannot fail to be written to", e);
    }
    return text.toString();
  }
}
