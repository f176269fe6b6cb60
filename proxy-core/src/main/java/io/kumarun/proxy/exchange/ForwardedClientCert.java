package io.kumarun.proxy.exchange;

import io.kumarun.tls.PeerIdentity;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/** The value of {@code x-forwarded-client-cert} for a connection, in Envoy's form. */
final class ForwardedClientCert {
  private ForwardedClientCert() {}

  /** Null where there is nobody to tell of. */
  static @Nullable AsciiString of(DownstreamPeer peer) {
    PeerIdentity identity = peer.identity();
    if (identity == null) {
      return null;
    }
    StringBuilder text = new StringBuilder(200);
    for (String own : peer.ownUriSans()) {
      text.append("By=").append(own).append(';');
    }
    text.append("Hash=").append(identity.certificateSha256());
    if (identity.uriSans().isEmpty()) {
      text.append(";URI=");
    }
    for (String uri : identity.uriSans()) {
      text.append(";URI=").append(uri);
    }
    return new AsciiString(text);
  }
}
