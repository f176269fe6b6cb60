package io.kumarun.tls;

import java.security.cert.CertificateException;

/**
 * A peer failed a check. The message is a sentence for an operator: the check, the names seen and
 * the names accepted. Carries no stack trace: peers cause it at will.
 */
public final class PeerRejectedException extends CertificateException {
  private static final long serialVersionUID = 1;

  /** Which check failed. */
  public enum Reason {
    NO_CERTIFICATE,
    UNREADABLE,
    UNKNOWN_AUTHORITY,
    EXPIRED,
    NOT_YET_VALID,
    PURPOSE,
    NAME
  }

  private final Reason reason;
  private final String sentence;

  PeerRejectedException(Reason reason, String sentence) {
    super(sentence);
    this.reason = reason;
    this.sentence = sentence;
  }

  public Reason reason() {
    return reason;
  }

  /** The message. */
  public String sentence() {
    return sentence;
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
