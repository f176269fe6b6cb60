package io.kumarun.kuma.health;

/**
 * Decides from the results of checks whether an endpoint is healthy: the first result counts at
 * once, later ones only when enough of them in a row contradict the verdict (Envoy's {@code
 * healthy_threshold} and {@code unhealthy_threshold}). Time is the caller's. One thread at a time.
 */
final class HealthDecision {
  private final int healthyThreshold;
  private final int unhealthyThreshold;

  private Verdict verdict = Verdict.UNKNOWN;

  /** Results in a row that contradict the verdict. */
  private int against;

  /** Thresholds below 1 count as 1. */
  HealthDecision(int healthyThreshold, int unhealthyThreshold) {
    this.healthyThreshold = healthyThreshold;
    this.unhealthyThreshold = unhealthyThreshold;
  }

  Verdict verdict() {
    return verdict;
  }

  /** Takes the result of one check; says whether the verdict changed. */
  boolean record(boolean success) {
    Verdict result = success ? Verdict.HEALTHY : Verdict.UNHEALTHY;
    if (result == verdict) {
      against = 0;
      return false;
    }
    against++;
    int needed = success ? healthyThreshold : unhealthyThreshold;
    if (verdict != Verdict.UNKNOWN && against < needed) {
      return false;
    }
    verdict = result;
    against = 0;
    return true;
  }
}
