package io.kumarun.proxy.listener;

/** A socket could not be bound; the message says why, for people. */
final class BindFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  BindFailedException(String message) {
    super(message);
  }
}
