package io.kumarun.devmesh.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.SignatureException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MeshAuthorityTest {

  private static final String ID = "spiffe://demo/web";

  @ParameterizedTest
  @EnumSource(KeyKind.class)
  void issuesLeavesInTheShapeOfKuma(KeyKind kind) throws Exception {
    MeshAuthority authority = MeshAuthority.create("demo", kind);

    IssuedCertificate leaf = authority.issue(List.of(ID, "kuma://kuma.io/service/web"));

    X509Certificate certificate = leaf.certificate();
    assertThat(certificate.getSubjectX500Principal().getName()).isEmpty();
    assertThat(certificate.getSubjectAlternativeNames())
        .extracting(name -> (Object) name.get(1))
        .containsExactly(ID, "kuma://kuma.io/service/web");
    assertThat(certificate.getCriticalExtensionOIDs()).contains("2.5.29.17");
    assertThat(certificate.getExtendedKeyUsage()).hasSize(2);
    certificate.verify(bundle(authority).iterator().next().getPublicKey());
    assertThat(leaf.privateKeyPem())
        .startsWith(
            kind == KeyKind.RSA_2048
                ? "-----BEGIN RSA PRIVATE KEY-----"
                : "-----BEGIN EC PRIVATE KEY-----");
    assertThat(leaf.toString()).doesNotContain("PRIVATE");
  }

  @Test
  void eachLeafHasASerialOfItsOwnAndIsRemembered() {
    MeshAuthority authority = MeshAuthority.create("demo", KeyKind.EC_P256);

    IssuedCertificate first = authority.issue(List.of(ID));
    IssuedCertificate second = authority.issue(List.of(ID));

    assertThat(first.serial()).isNotEqualTo(second.serial());
    assertThat(authority.issued()).containsExactly(first, second);
  }

  @Test
  void canIssueWhatHasExpired() {
    MeshAuthority authority = MeshAuthority.create("demo", KeyKind.EC_P256);

    IssuedCertificate leaf = authority.issue(List.of(ID), Validity.alreadyExpired(Instant.now()));

    assertThatThrownBy(() -> leaf.certificate().checkValidity())
        .isInstanceOf(CertificateExpiredException.class);
  }

  @Test
  void rotatesWithAnOverlap() throws Exception {
    MeshAuthority authority = MeshAuthority.create("demo", KeyKind.EC_P256);
    X509Certificate old = bundle(authority).iterator().next();

    authority.rotate();

    IssuedCertificate leaf = authority.issue(List.of(ID));
    assertThat(bundle(authority)).hasSize(2).contains(old);
    assertThatThrownBy(() -> leaf.certificate().verify(old.getPublicKey()))
        .isInstanceOf(SignatureException.class);

    authority.forgetPrevious();

    assertThat(bundle(authority)).hasSize(1).doesNotContain(old);
    X509Certificate remaining = bundle(authority).iterator().next();
    assertThatCode(() -> leaf.certificate().verify(remaining.getPublicKey()))
        .doesNotThrowAnyException();
  }

  private static Collection<X509Certificate> bundle(MeshAuthority authority) throws Exception {
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(
            new ByteArrayInputStream(authority.bundlePem().getBytes(StandardCharsets.US_ASCII)))
        .stream()
        .map(X509Certificate.class::cast)
        .toList();
  }
}
