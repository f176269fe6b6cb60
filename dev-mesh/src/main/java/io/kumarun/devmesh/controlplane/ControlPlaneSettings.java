package io.kumarun.devmesh.controlplane;

import java.time.Duration;

/**
 * Ports and delays of an embedded control plane. Immutable.
 *
 * @param bootstrapPort of HTTPS {@code /bootstrap}; 0 for any free one
 * @param adsPort of xDS over gRPC; 0 for any free one
 * @param deregistrationDelay how long after the end of its stream a data plane that registered
 *     itself is deleted; it is refused until then (Kuma: 10 s)
 * @param registrationDelay how long the first answer of such a data plane takes (Kuma: about 1 s)
 * @param nackBackoff how long a stream sleeps before it answers about a type after a NACK (Kuma: 5
 *     s)
 * @param certificateLifetime of the certificates that are issued per stream; another one comes
 *     after 4/5 of it (Kuma: as the mesh says, a day and more)
 * @param healthInterval how often data planes check and report health (HDS); zero: not asked for
 */
public record ControlPlaneSettings(
    int bootstrapPort,
    int adsPort,
    Duration deregistrationDelay,
    Duration registrationDelay,
    Duration nackBackoff,
    Duration certificateLifetime,
    Duration healthInterval) {

  private static final Duration DAY = Duration.ofDays(1);

  /** Any free ports, and the behaviour of {@link #likeKuma()} with hardly any delay. */
  public static ControlPlaneSettings forTests() {
    return new ControlPlaneSettings(
        0,
        0,
        Duration.ofMillis(100),
        Duration.ofMillis(10),
        Duration.ofMillis(100),
        DAY,
        Duration.ZERO);
  }

  /** Any free ports and the delays of kuma-cp 2.14. */
  public static ControlPlaneSettings likeKuma() {
    return new ControlPlaneSettings(
        0,
        0,
        Duration.ofSeconds(10),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        DAY,
        Duration.ZERO);
  }

  public ControlPlaneSettings withPorts(int bootstrap, int ads) {
    return new ControlPlaneSettings(
        bootstrap,
        ads,
        deregistrationDelay,
        registrationDelay,
        nackBackoff,
        certificateLifetime,
        healthInterval);
  }

  public ControlPlaneSettings withDeregistrationDelay(Duration delay) {
    return new ControlPlaneSettings(
        bootstrapPort,
        adsPort,
        delay,
        registrationDelay,
        nackBackoff,
        certificateLifetime,
        healthInterval);
  }

  public ControlPlaneSettings withCertificateLifetime(Duration lifetime) {
    return new ControlPlaneSettings(
        bootstrapPort,
        adsPort,
        deregistrationDelay,
        registrationDelay,
        nackBackoff,
        lifetime,
        healthInterval);
  }

  /** Asks data planes for their health. */
  public ControlPlaneSettings withHealthChecks(Duration interval) {
    return new ControlPlaneSettings(
        bootstrapPort,
        adsPort,
        deregistrationDelay,
        registrationDelay,
        nackBackoff,
        certificateLifetime,
        interval);
  }

  boolean healthDiscovery() {
    return !healthInterval.isZero();
  }
}
