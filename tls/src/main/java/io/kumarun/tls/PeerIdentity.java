package io.kumarun.tls;

import java.math.BigInteger;
import java.time.Instant;
import java.util.List;

/**
 * Who the other end of a TLS connection proved to be. Built once per connection, after its chain
 * and names were checked.
 *
 * @param uriSans in certificate order
 * @param certificateSha256 lower-case hexadecimal SHA-256 of the leaf's DER, as Envoy prints it in
 *     {@code x-forwarded-client-cert}
 */
public record PeerIdentity(
    List<String> uriSans,
    List<String> dnsSans,
    String certificateSha256,
    BigInteger serialNumber,
    Instant notAfter) {
  public PeerIdentity {
    uriSans = List.copyOf(uriSans);
    dnsSans = List.copyOf(dnsSans);
  }

  /** The first URI SAN, or the empty string. */
  public String spiffeId() {
    return uriSans.isEmpty() ? "" : uriSans.getFirst();
  }
}
