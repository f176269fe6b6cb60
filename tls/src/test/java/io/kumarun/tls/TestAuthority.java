package io.kumarun.tls;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** A throwaway certificate authority. */
final class TestAuthority {
  static final Instant NOW = Instant.parse("2030-06-01T12:00:00Z");
  private static final AtomicLong SERIALS = new AtomicLong(1000);

  private final TlsCertificate certificate;

  private TestAuthority(TlsCertificate certificate) {
    this.certificate = certificate;
  }

  static TestAuthority root(String name) {
    return root(name, r -> r);
  }

  static TestAuthority root(String name, UnaryOperator<Request> change) {
    return new TestAuthority(issue(change.apply(authorityRequest(name)), null));
  }

  TestAuthority intermediate(String name) {
    return intermediate(name, r -> r);
  }

  TestAuthority intermediate(String name, UnaryOperator<Request> change) {
    return new TestAuthority(issue(change.apply(authorityRequest(name)), certificate));
  }

  /** A workload's certificate, as Kuma issues it: no subject, names in a critical extension. */
  TlsCertificate leaf(String... uris) {
    return leaf(r -> r.uris(uris));
  }

  TlsCertificate leaf(UnaryOperator<Request> change) {
    return issue(change.apply(new Request()), certificate);
  }

  List<java.security.cert.X509Certificate> roots() {
    return List.of(certificate.leaf());
  }

  TrustBundle bundle() {
    return new TrustBundle.Authorities(roots());
  }

  private static Request authorityRequest(String name) {
    return new Request()
        .subject("CN=" + name)
        .authority(true)
        .keyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign)
        .purposes();
  }

  static KeyPair newKey(String algorithm) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      if (algorithm.equals("EC")) {
        generator.initialize(new ECGenParameterSpec("secp256r1"));
      } else if (algorithm.equals("RSA")) {
        generator.initialize(2048);
      }
      return generator.generateKeyPair();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** What a certificate shall say; the defaults are those of a Kuma workload. */
  static final class Request {
    private String subject = "";
    private final List<GeneralName> names = new ArrayList<>();
    private boolean authority;
    private int pathLength = -1;
    private int keyUsage =
        KeyUsage.digitalSignature | KeyUsage.keyEncipherment | KeyUsage.keyAgreement;
    private List<KeyPurposeId> purposes =
        List.of(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth);
    private Instant notBefore = NOW.minus(Duration.ofHours(1));
    private Instant notAfter = NOW.plus(Duration.ofHours(23));
    private String keyAlgorithm = "EC";
    private @Nullable KeyPair key;
    private @Nullable String unknownCritical;
    private @Nullable ASN1Encodable nameConstraints;

    Request subject(String value) {
      subject = value;
      return this;
    }

    Request uris(String... values) {
      for (String value : values) {
        names.add(new GeneralName(GeneralName.uniformResourceIdentifier, value));
      }
      return this;
    }

    Request dns(String value) {
      names.add(new GeneralName(GeneralName.dNSName, value));
      return this;
    }

    Request ip(String value) {
      names.add(new GeneralName(GeneralName.iPAddress, value));
      return this;
    }

    Request authority(boolean value) {
      authority = value;
      return this;
    }

    Request pathLength(int value) {
      pathLength = value;
      return this;
    }

    Request keyUsage(int value) {
      keyUsage = value;
      return this;
    }

    Request purposes(KeyPurposeId... values) {
      purposes = List.of(values);
      return this;
    }

    Request validity(Instant from, Instant to) {
      notBefore = from;
      notAfter = to;
      return this;
    }

    Request keyAlgorithm(String value) {
      keyAlgorithm = value;
      return this;
    }

    Request key(KeyPair value) {
      key = value;
      return this;
    }

    Request unknownCritical(String oid) {
      unknownCritical = oid;
      return this;
    }

    Request nameConstraints(ASN1Encodable value) {
      nameConstraints = value;
      return this;
    }
  }

  private static TlsCertificate issue(Request request, @Nullable TlsCertificate issuer) {
    try {
      KeyPair pair = request.key != null ? request.key : newKey(request.keyAlgorithm);
      X500Principal subject = new X500Principal(request.subject);
      BigInteger serial = BigInteger.valueOf(SERIALS.incrementAndGet());
      var builder =
          new JcaX509v3CertificateBuilder(
              issuer == null ? subject : issuer.leaf().getSubjectX500Principal(),
              serial,
              Date.from(request.notBefore),
              Date.from(request.notAfter),
              subject,
              pair.getPublic());
      builder.addExtension(
          Extension.basicConstraints,
          true,
          request.authority && request.pathLength >= 0
              ? new BasicConstraints(request.pathLength)
              : new BasicConstraints(request.authority));
      if (request.keyUsage != 0) {
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(request.keyUsage));
      }
      if (!request.purposes.isEmpty()) {
        builder.addExtension(
            Extension.extendedKeyUsage,
            false,
            new ExtendedKeyUsage(request.purposes.toArray(KeyPurposeId[]::new)));
      }
      if (!request.names.isEmpty()) {
        builder.addExtension(
            Extension.subjectAlternativeName,
            request.subject.isEmpty(),
            new GeneralNames(request.names.toArray(GeneralName[]::new)));
      }
      if (request.unknownCritical != null) {
        builder.addExtension(
            new ASN1ObjectIdentifier(request.unknownCritical), true, new byte[] {5, 0});
      }
      if (request.nameConstraints != null) {
        builder.addExtension(Extension.nameConstraints, true, request.nameConstraints);
      }
      var signingKey = issuer == null ? pair.getPrivate() : issuer.privateKey();
      String signature =
          switch (signingKey.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> "Ed25519";
          };
      var certificate =
          new JcaX509CertificateConverter()
              .getCertificate(
                  builder.build(new JcaContentSignerBuilder(signature).build(signingKey)));
      List<java.security.cert.X509Certificate> chain = new ArrayList<>();
      chain.add(certificate);
      // A root is not sent: peers have it.
      if (issuer != null
          && !issuer
              .leaf()
              .getSubjectX500Principal()
              .equals(issuer.leaf().getIssuerX500Principal())) {
        chain.addAll(issuer.chain());
      }
      return new TlsCertificate("test-" + serial, chain, pair.getPrivate());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
