package io.kumarun.tls;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;

/** DER to the platform's own certificate class. */
final class X509Der {
  private X509Der() {}

  static X509Certificate decode(byte[] der) throws CertificateException {
    try {
      ByteArrayInputStream in = new ByteArrayInputStream(der);
      X509Certificate certificate =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
      if (in.available() > 0) {
        throw new CertificateException("bytes follow the certificate");
      }
      // Parsed lazily by the platform: a key that it cannot read must fail here, not later.
      certificate.getPublicKey();
      return certificate;
    } catch (CertificateException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new CertificateException("unreadable certificate", e);
    }
  }
}
