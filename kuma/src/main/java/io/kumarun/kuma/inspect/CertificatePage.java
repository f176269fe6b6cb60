package io.kumarun.kuma.inspect;

import io.envoyproxy.envoy.admin.v3.Certificate;
import io.envoyproxy.envoy.admin.v3.CertificateDetails;
import io.envoyproxy.envoy.admin.v3.Certificates;
import io.envoyproxy.envoy.admin.v3.SubjectAlternateName;
import io.kumarun.tls.TlsCertificate;
import java.io.IOException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** Envoy's {@code /certs}: JSON of an {@code envoy.admin.v3.Certificates}. Any thread. */
public final class CertificatePage {
  private static final int DNS = 2;
  private static final int URI = 6;
  private static final int IP_ADDRESS = 7;

  private CertificatePage() {}

  public static void json(Inventory inventory, Instant now, Appendable out) throws IOException {
    CertificatesInUse inUse = CertificatesInUse.of(inventory.inUse());
    Certificates.Builder page = Certificates.newBuilder();
    for (TlsCertificate own : inUse.own()) {
      Certificate.Builder certificate = Certificate.newBuilder();
      own.chain().forEach(each -> certificate.addCertChain(details(each, now)));
      page.addCertificates(certificate);
    }
    for (List<X509Certificate> roots : inUse.authorities()) {
      Certificate.Builder certificate = Certificate.newBuilder();
      roots.forEach(each -> certificate.addCaCert(details(each, now)));
      page.addCertificates(certificate);
    }
    KnownTypes.printer().appendTo(page, out);
    out.append('\n');
  }

  private static CertificateDetails details(X509Certificate certificate, Instant now) {
    Instant end = certificate.getNotAfter().toInstant();
    CertificateDetails.Builder details =
        CertificateDetails.newBuilder()
            .setPath("<inline>")
            .setSerialNumber(certificate.getSerialNumber().toString(16))
            .setDaysUntilExpiration(Math.max(0, Duration.between(now, end).toDays()))
            .setValidFrom(DumpSections.time(certificate.getNotBefore().toInstant()))
            .setExpirationTime(DumpSections.time(end));
    addNames(certificate, details);
    return details.build();
  }

  private static void addNames(X509Certificate certificate, CertificateDetails.Builder details) {
    try {
      for (List<?> name :
          Objects.requireNonNullElse(
              certificate.getSubjectAlternativeNames(), List.<List<?>>of())) {
        if (name.get(0) instanceof Integer type && name.get(1) instanceof String value) {
          switch (type) {
            case DNS -> details.addSubjectAltNames(SubjectAlternateName.newBuilder().setDns(value));
            case URI -> details.addSubjectAltNames(SubjectAlternateName.newBuilder().setUri(value));
            case IP_ADDRESS ->
                details.addSubjectAltNames(SubjectAlternateName.newBuilder().setIpAddress(value));
            default -> {
              // Envoy shows no others.
            }
          }
        }
      }
    } catch (CertificateParsingException e) {
      // Shown without names: peers cannot read them either.
    }
  }
}
