package io.kumarun.kuma.health;

/** A planned check and how it stands. In the client's synchronization context only. */
final class EndpointCheck {
  private final PlannedCheck plan;
  private final HealthDecision decision;
  private boolean running = true;

  EndpointCheck(PlannedCheck plan) {
    this.plan = plan;
    this.decision = new HealthDecision(plan.healthyThreshold(), plan.unhealthyThreshold());
  }

  PlannedCheck plan() {
    return plan;
  }

  Verdict verdict() {
    return decision.verdict();
  }

  /** Takes a result; says whether the verdict changed. */
  boolean record(boolean success) {
    return running && decision.record(success);
  }

  boolean running() {
    return running;
  }

  /** No check is made any more; one that is under way does not count. */
  void stop() {
    running = false;
  }
}
