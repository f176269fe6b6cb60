package io.kumarun.kuma;

/** The control plane did not let this data plane in. The message is for a person. */
public final class BootstrapException extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean retryable;

  BootstrapException(String message, boolean retryable) {
    super(message);
    this.retryable = retryable;
  }

  /** Whether the same request may succeed later. */
  public boolean retryable() {
    return retryable;
  }
}
