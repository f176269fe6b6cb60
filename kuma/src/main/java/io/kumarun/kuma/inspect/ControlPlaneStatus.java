package io.kumarun.kuma.inspect;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How things stand with the control plane.
 *
 * @param address where it is, {@code host:port}; empty before it was joined
 * @param since when {@code connected} became what it is; null: it never was connected
 * @param lastError why the last stream ended, or none could be opened; empty: nothing went wrong
 * @param lastErrorAt null: nothing went wrong
 */
public record ControlPlaneStatus(
    String address,
    boolean connected,
    @Nullable Instant since,
    String lastError,
    @Nullable Instant lastErrorAt) {
  /** Before anything was tried. */
  public static final ControlPlaneStatus UNKNOWN =
      new ControlPlaneStatus("", false, null, "", null);

  /** The stream is answered on. */
  public ControlPlaneStatus connected(Instant now) {
    return connected ? this : new ControlPlaneStatus(address, true, now, lastError, lastErrorAt);
  }

  /** It is somewhere else now; what is known of it stays. */
  public ControlPlaneStatus movedTo(String newAddress) {
    return new ControlPlaneStatus(newAddress, connected, since, lastError, lastErrorAt);
  }

  /** There is no stream, for this reason. */
  public ControlPlaneStatus lost(String reason, Instant now) {
    return new ControlPlaneStatus(address, false, connected ? now : since, reason, now);
  }
}
