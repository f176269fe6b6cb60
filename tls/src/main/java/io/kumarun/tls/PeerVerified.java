package io.kumarun.tls;

import org.jspecify.annotations.Nullable;

/**
 * Pipeline user event: the handshake is done and the peer is who it must be. Application bytes
 * follow it, never precede it.
 *
 * @param identity null if nothing about the peer was asked for, or if it was free to send no
 *     certificate and sent none
 * @param sni the name the client asked for, byte for byte; null if none
 * @param alpn the negotiated protocol; null if none
 * @param tlsVersion for example {@code TLSv1.3}
 * @param cipher OpenSSL's name, as Envoy prints it
 */
public record PeerVerified(
    @Nullable PeerIdentity identity,
    @Nullable String sni,
    @Nullable String alpn,
    String tlsVersion,
    String cipher) {}
