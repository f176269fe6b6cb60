package io.kumarun.tls;

import org.jspecify.annotations.Nullable;

/**
 * Pipeline user event: the TLS connection failed and is being closed. Fired at most once, and
 * nothing readable follows. It may come after {@link PeerVerified}: a TLS 1.3 client is done before
 * the server has judged its certificate.
 *
 * @param sentence for an operator; no trace, no peer-chosen bytes but printable names
 * @param reason which check the peer's certificate failed; null: it was not the certificate
 */
public record TlsRejected(String sentence, PeerRejectedException.@Nullable Reason reason) {}
