package io.kumarun.devmesh.authority;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.x509.GeneralName;

/**
 * The authority of one trust domain, which for legacy {@code Mesh.mtls} is the name of the mesh. It
 * issues leaf certificates, can be rotated with an overlap, and remembers what it issued. Any
 * thread.
 */
public final class MeshAuthority {

  private final String trustDomain;
  private final KeyKind kind;
  private final InstantSource clock;
  private final List<CertificateAuthority> trusted = new ArrayList<>();
  private final List<IssuedCertificate> issued = new ArrayList<>();

  private MeshAuthority(String trustDomain, KeyKind kind, InstantSource clock) {
    this.trustDomain = trustDomain;
    this.kind = kind;
    this.clock = clock;
    rotate();
  }

  public static MeshAuthority create(String trustDomain, KeyKind kind) {
    return new MeshAuthority(trustDomain, kind, InstantSource.system());
  }

  public String trustDomain() {
    return trustDomain;
  }

  /**
   * Issues a leaf with exactly these URI SANs, in this order, signed by the newest authority.
   *
   * @param uris {@code spiffe://…} and, for legacy mTLS, {@code kuma://tag/value}
   */
  public synchronized IssuedCertificate issue(List<String> uris, Validity validity) {
    List<GeneralName> names =
        uris.stream()
            .map(uri -> new GeneralName(GeneralName.uniformResourceIdentifier, uri))
            .toList();
    IssuedCertificate certificate = trusted.getLast().issue(names, uris, validity);
    issued.add(certificate);
    return certificate;
  }

  /** Issues a leaf as {@link #issue(List, Validity)} does, valid for a day. */
  public IssuedCertificate issue(List<String> uris) {
    return issue(uris, Validity.lasting(clock.instant(), Duration.ofDays(1)));
  }

  /** From now on a new authority signs; the bundle holds the old ones too until forgotten. */
  public synchronized void rotate() {
    trusted.add(CertificateAuthority.create(trustDomain, kind));
  }

  /** Ends an overlap: only the newest authority stays in the bundle. */
  public synchronized void forgetPrevious() {
    trusted.subList(0, trusted.size() - 1).clear();
  }

  /** The root certificates to trust, oldest first. */
  public synchronized String bundlePem() {
    StringBuilder bundle = new StringBuilder();
    trusted.forEach(authority -> bundle.append(authority.certificatePem()));
    return bundle.toString();
  }

  /** Every certificate issued so far, oldest first. */
  public synchronized List<IssuedCertificate> issued() {
    return List.copyOf(issued);
  }
}
