package io.kumarun.sidecar.settings;

/** A value is wrong, and the message says which part of it and why. */
final class WrongValueException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  WrongValueException(String message) {
    super(message);
  }
}
