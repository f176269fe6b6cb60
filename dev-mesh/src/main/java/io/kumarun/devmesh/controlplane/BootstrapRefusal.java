package io.kumarun.devmesh.controlplane;

import java.util.Objects;

/** A bootstrap request that is answered with an error, in Kuma's statuses and words. */
final class BootstrapRefusal extends Exception {

  private static final long serialVersionUID = 1L;

  private final int status;

  BootstrapRefusal(int status, String text) {
    super(text);
    this.status = status;
  }

  int status() {
    return status;
  }

  /** The body of the answer. */
  String text() {
    return Objects.requireNonNullElse(getMessage(), "");
  }
}
