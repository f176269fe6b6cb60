package io.kumarun.sidecar.settings;

/** Text that no log and no exception may show. */
public record Secret(String value) {
  @Override
  public String toString() {
    return "(hidden)";
  }
}
