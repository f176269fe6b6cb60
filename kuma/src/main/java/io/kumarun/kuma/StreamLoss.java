package io.kumarun.kuma;

import io.grpc.Status;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLHandshakeException;

/**
 * Why there is no stream, and with it what helps.
 *
 * @param reason for a person
 */
record StreamLoss(Kind kind, String reason) {

  /** What the next attempt needs. */
  enum Kind {
    /** Nothing but time. */
    LOST,
    /**
     * The control plane keeps a data plane's stream for 10 s after its end, and refuses a second
     * one meanwhile (contract §1.6).
     */
    STILL_HELD,
    /** TLS failed: the authority may have changed, and a new bootstrap names it. */
    UNTRUSTED,
    /** The token was refused: a fresh one may be accepted, here or in a new bootstrap. */
    UNAUTHENTICATED
  }

  static StreamLoss of(Status status) {
    return new StreamLoss(
        kind(status),
        status.getCode()
            + (status.getDescription() == null ? "" : ": " + status.getDescription())
            + (status.getCause() == null
                ? ""
                : " (" + BootstrapExchange.sentence(status.getCause()) + ")"));
  }

  private static Kind kind(Status status) {
    // Kuma ends streams with UNKNOWN, so only its words tell one reason from another.
    String description = status.getDescription() == null ? "" : status.getDescription();
    if (description.contains("already an active stream from this node")) {
      return Kind.STILL_HELD;
    }
    if (status.getCode() == Status.Code.UNAUTHENTICATED
        || description.contains("authentication failed")) {
      return Kind.UNAUTHENTICATED;
    }
    for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException || cause instanceof SSLHandshakeException) {
        return Kind.UNTRUSTED;
      }
    }
    return Kind.LOST;
  }
}
