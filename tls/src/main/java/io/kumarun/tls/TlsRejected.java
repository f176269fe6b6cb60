package io.kumarun.tls;

/**
 * Pipeline user event: the TLS connection failed and is being closed. Fired at most once, and
 * nothing readable follows. It may come after {@link PeerVerified}: a TLS 1.3 client is done before
 * the server has judged its certificate.
 *
 * @param sentence for an operator; no trace, no peer-chosen bytes but printable names
 */
public record TlsRejected(String sentence) {}
