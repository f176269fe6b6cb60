package io.kumarun.proxy.exchange;

import io.kumarun.proxy.permission.ConnectionFacts;
import io.kumarun.tls.PeerIdentity;
import io.kumarun.tls.TlsCertificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a downstream connection. Immutable; any thread.
 *
 * @param tls whether the connection is TLS that ends here
 * @param identity null without a client certificate
 * @param ownUriSans of the certificate this proxy showed; empty without TLS
 */
public record DownstreamPeer(
    boolean tls, @Nullable PeerIdentity identity, List<String> ownUriSans, String serverName) {
  public DownstreamPeer {
    ownUriSans = List.copyOf(ownUriSans);
  }

  public static DownstreamPeer overTls(
      @Nullable PeerIdentity identity, TlsCertificate own, String serverName) {
    return new DownstreamPeer(true, identity, own.uriSans(), serverName);
  }

  public static DownstreamPeer cleartext(String serverName) {
    return new DownstreamPeer(false, null, List.of(), serverName);
  }

  /** The peer for a person: its SPIFFE ID. */
  public String shownName() {
    return facts().shownName();
  }

  /** What permissions are decided on. */
  public ConnectionFacts facts() {
    PeerIdentity peer = identity;
    return peer == null
        ? new ConnectionFacts(false, List.of(), List.of(), serverName)
        : new ConnectionFacts(true, peer.uriSans(), peer.dnsSans(), serverName);
  }
}
