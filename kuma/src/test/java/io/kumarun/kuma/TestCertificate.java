package io.kumarun.kuma;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/** A certificate as kuma-cp makes one for itself: its own authority, without any name but SANs. */
record TestCertificate(X509Certificate certificate, PrivateKey key, String pem) {
  private static final String SIGNATURE = "SHA256withECDSA";

  /**
   * @param subject empty: as kuma-cp does it
   */
  static TestCertificate selfMade(String subject, GeneralName... names) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      Instant now = Instant.now();
      X500Name name = new X500Name(subject.isEmpty() ? "CN=replaced" : subject);
      X509CertificateHolder holder =
          new JcaX509v3CertificateBuilder(
                  name,
                  BigInteger.ONE,
                  Date.from(now.minus(Duration.ofMinutes(1))),
                  Date.from(now.plus(Duration.ofHours(1))),
                  name,
                  pair.getPublic())
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
              .addExtension(Extension.subjectAlternativeName, true, new GeneralNames(names))
              .build(new JcaContentSignerBuilder(SIGNATURE).build(pair.getPrivate()));
      byte[] der =
          subject.isEmpty() ? withoutNames(holder, pair.getPrivate()) : holder.getEncoded();
      StringWriter pem = new StringWriter();
      try (PemWriter writer = new PemWriter(pem)) {
        writer.writeObject(new PemObject("CERTIFICATE", der));
      }
      X509Certificate twin = new JcaX509CertificateConverter().getCertificate(holder);
      return new TestCertificate(
          new EncodedCertificate(twin, der), pair.getPrivate(), pem.toString());
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** No library builds a certificate with an empty issuer, as Go's does. */
  private static byte[] withoutNames(X509CertificateHolder named, PrivateKey key)
      throws GeneralSecurityException, IOException {
    ASN1Sequence fields =
        ASN1Sequence.getInstance(named.toASN1Structure().getTBSCertificate().toASN1Primitive());
    ASN1EncodableVector changed = new ASN1EncodableVector();
    for (int i = 0; i < fields.size(); i++) {
      // version, serial number, algorithm, issuer, validity, subject
      changed.add(i == 3 || i == 5 ? new DERSequence() : fields.getObjectAt(i));
    }
    DERSequence tbs = new DERSequence(changed);
    Signature signature = Signature.getInstance(SIGNATURE);
    signature.initSign(key);
    signature.update(tbs.getEncoded());
    return new DERSequence(
            new ASN1Encodable[] {
              tbs, named.getSignatureAlgorithm(), new DERBitString(signature.sign())
            })
        .getEncoded();
  }
}
