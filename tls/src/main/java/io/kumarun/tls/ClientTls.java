package io.kumarun.tls;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything a TLS client side needs, resolved: the secrets are in it.
 *
 * @param certificate null: no client certificate is offered
 * @param sni sent as it is, byte for byte, also where it is no host name ({@code
 *     backend{mesh=default}}); empty sends none; only a final dot is left out (RFC 6066 section 3)
 */
public record ClientTls(
    @Nullable TlsCertificate certificate,
    @Nullable PeerValidation peerValidation,
    String sni,
    List<String> alpnProtocols,
    TlsParameters parameters) {
  public ClientTls {
    alpnProtocols = List.copyOf(alpnProtocols);
  }
}
