package io.kumarun.tls;

/**
 * A secret that cannot be used. The message names the secret, says what is wrong with it, and never
 * shows key material.
 */
public final class InvalidSecretException extends Exception {
  private static final long serialVersionUID = 1;

  private final String problem;

  InvalidSecretException(String secret, String problem) {
    super("secret " + secret + ": " + problem);
    this.problem = problem;
  }

  /** The message without the name of the secret. */
  public String problem() {
    return problem;
  }
}
