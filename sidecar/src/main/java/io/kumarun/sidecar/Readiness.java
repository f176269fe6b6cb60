package io.kumarun.sidecar;

/** What {@code /ready} answers (contract 5.7). The names are the bodies. */
enum Readiness {
  /** No configuration of the control plane is in use yet. */
  NOT_READY(503),
  READY(200),
  /** Told to end; connections may finish. */
  TERMINATING(503);

  private final int status;

  Readiness(int status) {
    this.status = status;
  }

  int status() {
    return status;
  }
}
