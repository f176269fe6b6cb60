package io.kumarun.devmesh.authority;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The certificates of a control plane: its server certificate for {@code localhost} and the
 * loopback addresses, the authority whose PEM data planes are given, and the authority of the admin
 * listener. Immutable, any thread.
 *
 * @param authority signs the server certificate
 * @param server what bootstrap and xDS are served with
 * @param adminAuthority signs both ends of the admin listener
 */
public record ControlPlaneIdentity(
    CertificateAuthority authority, IssuedCertificate server, CertificateAuthority adminAuthority) {

  private static final Duration LIFETIME = Duration.ofDays(365);

  /** Host names and addresses the server certificate is good for. */
  public static final List<String> HOSTS = List.of("localhost", "127.0.0.1", "::1");

  public static ControlPlaneIdentity create() {
    CertificateAuthority authority = CertificateAuthority.create("control-plane", KeyKind.EC_P256);
    return new ControlPlaneIdentity(
        authority,
        authority.issueForHosts(List.of("localhost"), List.of("127.0.0.1", "::1"), validity()),
        CertificateAuthority.create("Envoy Admin CA", KeyKind.EC_P256));
  }

  /** The server certificate of the admin listener of the data plane at this address. */
  public IssuedCertificate adminServer(String address) {
    return adminAuthority.issueForHosts(List.of(), List.of(address), validity());
  }

  /** The certificate with which a control plane inspects data planes: DNS SAN {@code kuma-cp}. */
  public IssuedCertificate adminClient() {
    return adminAuthority.issueForHosts(List.of("kuma-cp"), List.of(), validity());
  }

  private static Validity validity() {
    return Validity.lasting(Instant.now(), LIFETIME);
  }
}
