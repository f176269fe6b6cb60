package io.kumarun.tls;

/**
 * A secret that cannot be used. The message names the secret, says what is wrong with it, and never
 * shows key material.
 */
public final class InvalidSecretException extends Exception {
  private static final long serialVersionUID = 1;

  InvalidSecretException(String secret, String problem) {
    super("secret " + secret + ": " + problem);
  }
}
