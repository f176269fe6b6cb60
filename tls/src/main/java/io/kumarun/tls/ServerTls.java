package io.kumarun.tls;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything a TLS server side needs, resolved: the secrets are in it. Equality decides whether a
 * context (and its session cache) can be shared.
 *
 * @param peerValidation null: a client certificate, if one comes, is not looked at
 */
public record ServerTls(
    TlsCertificate certificate,
    @Nullable PeerValidation peerValidation,
    boolean requireClientCertificate,
    List<String> alpnProtocols,
    TlsParameters parameters) {
  public ServerTls {
    alpnProtocols = List.copyOf(alpnProtocols);
  }
}
