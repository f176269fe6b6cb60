package io.kumarun.devmesh;

/** Something in the demo did not go as it should; the message says what, for a person. */
final class DemoFailure extends Exception {

  private static final long serialVersionUID = 1L;

  DemoFailure(String message) {
    super(message);
  }
}
