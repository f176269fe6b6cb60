package io.kumarun.devmesh.controlplane;

import java.time.Duration;

/**
 * Ports and delays of an embedded control plane.
 *
 * @param bootstrapPort of HTTPS {@code /bootstrap}; 0 for any free one
 * @param adsPort of xDS over gRPC; 0 for any free one
 * @param reconnectHold how long a data plane that registered itself is refused after its stream
 *     ended (Kuma: 10 s)
 * @param registrationDelay how long the first answer of such a data plane takes (Kuma: about 1 s)
 * @param nackBackoff how long a stream is silent after a NACK (Kuma: 5 s)
 * @param healthInterval how often data planes check and report health (HDS); zero: not asked for
 */
public record ControlPlaneSettings(
    int bootstrapPort,
    int adsPort,
    Duration reconnectHold,
    Duration registrationDelay,
    Duration nackBackoff,
    Duration healthInterval) {

  /** Any free ports and hardly any delay. */
  public static ControlPlaneSettings forTests() {
    return new ControlPlaneSettings(
        0, 0, Duration.ofMillis(100), Duration.ZERO, Duration.ofMillis(100), Duration.ZERO);
  }

  /** Any free ports and the delays of kuma-cp 2.14. */
  public static ControlPlaneSettings likeKuma() {
    return new ControlPlaneSettings(
        0, 0, Duration.ofSeconds(10), Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ZERO);
  }

  public ControlPlaneSettings withPorts(int bootstrap, int ads) {
    return new ControlPlaneSettings(
        bootstrap, ads, reconnectHold, registrationDelay, nackBackoff, healthInterval);
  }

  public ControlPlaneSettings withReconnectHold(Duration hold) {
    return new ControlPlaneSettings(
        bootstrapPort, adsPort, hold, registrationDelay, nackBackoff, healthInterval);
  }

  /** Asks data planes for their health. */
  public ControlPlaneSettings withHealthChecks(Duration interval) {
    return new ControlPlaneSettings(
        bootstrapPort, adsPort, reconnectHold, registrationDelay, nackBackoff, interval);
  }

  boolean healthDiscovery() {
    return !healthInterval.isZero();
  }
}
