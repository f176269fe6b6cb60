package io.kumarun.proxy;

import io.kumarun.tls.ClientTls;
import io.kumarun.tls.PeerValidation;
import io.kumarun.tls.ServerTls;
import io.kumarun.tls.TlsCertificate;
import io.kumarun.tls.TlsParameters;
import io.kumarun.tls.TlsParameters.TlsVersion;
import io.kumarun.tls.TrustBundle;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** Both ends of a mesh's mutual TLS, by an authority that lives as long as the test. */
final class TestTls {
  private static final X500Principal AUTHORITY = new X500Principal("CN=test");

  /** What clusters offer unless told otherwise. */
  private static final TlsParameters TLS_1_2 =
      new TlsParameters(TlsVersion.TLS_1_2, TlsVersion.TLS_1_2, List.of());

  private final KeyPair authorityKey = newKey();
  private final X509Certificate authority = authority();
  private final TlsCertificate workload = workload("spiffe://default/web");

  ServerTls server() {
    return server(TlsParameters.DEFAULT);
  }

  /** A server side that no TLS context can be made for. */
  ServerTls brokenServer() {
    return server(
        new TlsParameters(TlsVersion.TLS_1_2, TlsVersion.TLS_1_2, List.of("NO-SUCH-CIPHER")));
  }

  private ServerTls server(TlsParameters parameters) {
    return new ServerTls(workload, validation(), true, List.of(), parameters);
  }

  ClientTls client() {
    return new ClientTls(workload, validation(), "", List.of("kuma"), TLS_1_2);
  }

  private PeerValidation validation() {
    return new PeerValidation(new TrustBundle.Authorities(List.of(authority)), List.of());
  }

  private static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private X509Certificate authority() {
    return issue(AUTHORITY, authorityKey, true, null);
  }

  private TlsCertificate workload(String uri) {
    KeyPair key = newKey();
    X509Certificate leaf = issue(new X500Principal(""), key, false, uri);
    return new TlsCertificate("workload", List.of(leaf), key.getPrivate());
  }

  private X509Certificate issue(
      X500Principal subject, KeyPair key, boolean isAuthority, @Nullable String uri) {
    try {
      Instant now = Instant.now();
      var builder =
          new JcaX509v3CertificateBuilder(
              AUTHORITY,
              BigInteger.valueOf(System.nanoTime()),
              Date.from(now.minus(Duration.ofHours(1))),
              Date.from(now.plus(Duration.ofHours(1))),
              subject,
              key.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
      int usage = isAuthority ? KeyUsage.keyCertSign : KeyUsage.digitalSignature;
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
      if (uri != null) {
        GeneralName name = new GeneralName(GeneralName.uniformResourceIdentifier, uri);
        builder.addExtension(Extension.subjectAlternativeName, true, new GeneralNames(name));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(authorityKey.getPrivate())));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
