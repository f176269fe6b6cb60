package io.kumarun.devmesh.authority;

import java.time.Duration;
import java.time.Instant;

/**
 * When a certificate is valid. Kuma's certificates begin ten seconds before they are made, for
 * peers whose clock is behind (contract §2.5).
 */
public record Validity(Instant notBefore, Instant notAfter) {

  private static final Duration CLOCK_SKEW = Duration.ofSeconds(10);

  public Validity {
    if (!notBefore.isBefore(notAfter)) {
      throw new IllegalArgumentException(
          "A certificate cannot end at " + notAfter + " when it begins at " + notBefore);
    }
  }

  /** Valid from now, as Kuma makes them. */
  public static Validity lasting(Instant now, Duration lifetime) {
    return new Validity(now.minus(CLOCK_SKEW), now.plus(lifetime));
  }

  /** Valid once, but no longer: it ended a minute before {@code now}. */
  public static Validity alreadyExpired(Instant now) {
    return new Validity(now.minus(Duration.ofHours(1)), now.minus(Duration.ofMinutes(1)));
  }
}
