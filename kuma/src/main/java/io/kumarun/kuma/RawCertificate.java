package io.kumarun.kuma;

import java.security.cert.CertificateException;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.Time;

/**
 * The validity and the names of a certificate, read without the classes that insist on an issuer:
 * the platform's and Bouncy Castle's both do (RFC 5280 section 4.1.2.4).
 */
record RawCertificate(Instant notBefore, Instant notAfter, List<GeneralName> names) {
  RawCertificate {
    names = List.copyOf(names);
  }

  static RawCertificate parse(byte[] der) throws CertificateException {
    try {
      ASN1Sequence fields = ASN1Sequence.getInstance(ASN1Sequence.getInstance(der).getObjectAt(0));
      // [0] version, serial number, algorithm, issuer, validity, subject, key, [3] extensions
      int first = fields.getObjectAt(0) instanceof ASN1TaggedObject ? 1 : 0;
      ASN1Sequence validity = ASN1Sequence.getInstance(fields.getObjectAt(first + 3));
      GeneralNames names = null;
      for (int i = first + 6; i < fields.size(); i++) {
        if (fields.getObjectAt(i) instanceof ASN1TaggedObject tagged && tagged.getTagNo() == 3) {
          names =
              GeneralNames.fromExtensions(
                  Extensions.getInstance(tagged, true), Extension.subjectAlternativeName);
        }
      }
      return new RawCertificate(
          Time.getInstance(validity.getObjectAt(0)).getDate().toInstant(),
          Time.getInstance(validity.getObjectAt(1)).getDate().toInstant(),
          names == null ? List.of() : List.of(names.getNames()));
    } catch (RuntimeException e) {
      throw new CertificateException("the server's certificate cannot be read");
    }
  }
}
