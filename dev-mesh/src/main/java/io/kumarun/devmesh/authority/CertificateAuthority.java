package io.kumarun.devmesh.authority;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * One root certificate and its key, issuing leaf certificates in the shape of Kuma's own: no
 * subject, a critical SAN extension, for servers and clients alike (contract §2.5). Immutable, any
 * thread.
 */
public final class CertificateAuthority {

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Duration LIFETIME = Duration.ofDays(3650);

  private final KeyKind kind;
  private final KeyPair keys;
  private final X509Certificate certificate;

  private CertificateAuthority(KeyKind kind, KeyPair keys, X509Certificate certificate) {
    this.kind = kind;
    this.keys = keys;
    this.certificate = certificate;
  }

  /** A new self-signed authority with a key of its own. */
  public static CertificateAuthority create(String commonName, KeyKind kind) {
    KeyPair keys = KeyPairs.fresh(kind);
    X500Name name = new X500Name("O=Kuma,OU=Mesh,CN=" + commonName);
    Validity validity = Validity.lasting(Instant.now(), LIFETIME);
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              name,
              serial(),
              Date.from(validity.notBefore()),
              Date.from(validity.notAfter()),
              name,
              keys.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      builder.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
      return new CertificateAuthority(kind, keys, sign(builder, kind, keys));
    } catch (GeneralSecurityException | CertIOException e) {
      throw new IllegalStateException("The authority " + commonName + " could not be made", e);
    }
  }

  public X509Certificate certificate() {
    return certificate;
  }

  public String certificatePem() {
    return Pem.of(certificate);
  }

  /** A leaf whose SANs are these, for a server and for a client. */
  IssuedCertificate issue(List<GeneralName> names, List<String> texts, Validity validity) {
    KeyPair leafKeys = KeyPairs.shared(kind);
    return new IssuedCertificate(
        leaf(names, leafKeys.getPublic(), validity), leafKeys.getPrivate(), texts);
  }

  /** A leaf for these host names and IP addresses, as servers of a control plane have. */
  public IssuedCertificate issueForHosts(
      List<String> hosts, List<String> addresses, Validity validity) {
    List<GeneralName> names = new ArrayList<>();
    hosts.forEach(host -> names.add(new GeneralName(GeneralName.dNSName, host)));
    addresses.forEach(address -> names.add(new GeneralName(GeneralName.iPAddress, address)));
    List<String> texts = new ArrayList<>(hosts);
    texts.addAll(addresses);
    return issue(names, texts, validity);
  }

  private X509Certificate leaf(List<GeneralName> names, PublicKey key, Validity validity) {
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()),
              serial(),
              Date.from(validity.notBefore()),
              Date.from(validity.notAfter()),
              new X500Name(""),
              key);
      builder.addExtension(
          Extension.keyUsage,
          true,
          new KeyUsage(
              KeyUsage.digitalSignature | KeyUsage.keyEncipherment | KeyUsage.keyAgreement));
      builder.addExtension(
          Extension.extendedKeyUsage,
          false,
          new ExtendedKeyUsage(
              new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(keys.getPublic()));
      builder.addExtension(
          Extension.subjectAlternativeName,
          true,
          new GeneralNames(names.toArray(new GeneralName[0])));
      return sign(builder, kind, keys);
    } catch (GeneralSecurityException | CertIOException e) {
      throw new IllegalStateException("No certificate could be issued for " + names, e);
    }
  }

  private static X509Certificate sign(
      JcaX509v3CertificateBuilder builder, KeyKind kind, KeyPair keys) {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder(kind.signature()).build(keys.getPrivate())));
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException("This JDK cannot sign with " + kind.signature(), e);
    }
  }

  private static BigInteger serial() {
    return new BigInteger(127, RANDOM).setBit(126);
  }
}
