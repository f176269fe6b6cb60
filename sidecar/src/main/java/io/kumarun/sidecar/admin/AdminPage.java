package io.kumarun.sidecar.admin;

/** One page. Any thread but an event loop. */
interface AdminPage {

  /**
   * Answers a GET.
   *
   * @throws IllegalArgumentException with a sentence, if a parameter is wrong
   */
  Answer get(AdminRequest request);
}
