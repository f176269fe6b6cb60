package io.kumarun.sidecar.settings;

/** The program cannot start, and its operator can do something about it: the message says what. */
public class StartupException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StartupException(String message) {
    super(message);
  }
}
