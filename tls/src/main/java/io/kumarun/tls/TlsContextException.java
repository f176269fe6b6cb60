package io.kumarun.tls;

/**
 * TLS settings that the TLS library cannot serve. The message names the certificate or the setting
 * and what is wrong; never key material. Thrown when a context is built: by {@link
 * TlsContexts#prepare}, or by the first connection that uses settings which were not prepared.
 */
public final class TlsContextException extends RuntimeException {
  private static final long serialVersionUID = 1;

  TlsContextException(String message) {
    super(message);
  }

  TlsContextException(String message, Throwable cause) {
    super(message, cause);
  }
}
