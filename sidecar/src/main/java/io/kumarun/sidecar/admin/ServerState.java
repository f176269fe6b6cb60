package io.kumarun.sidecar.admin;

/**
 * What {@code /ready} answers: kuma-dp's word on its readiness port (contract §5.7), Envoy's on the
 * admin interface.
 */
public enum ServerState {
  /** No configuration of the control plane is in use yet. */
  INITIALIZING(503, "NOT_READY"),
  LIVE(200, "READY"),
  /** Told to end; connections may finish. */
  DRAINING(503, "TERMINATING");

  private final int status;
  private final String readiness;

  ServerState(int status, String readiness) {
    this.status = status;
    this.readiness = readiness;
  }

  /** Of the answer. */
  int status() {
    return status;
  }

  /** The word of kuma-dp; the name of the constant is Envoy's. */
  String readiness() {
    return readiness;
  }
}
