package io.kumarun.sidecar;

/** Text that no log and no exception may show. */
record Secret(String value) {
  @Override
  public String toString() {
    return "(hidden)";
  }
}
