package io.kumarun.kuma.health;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an operator reads about health reports: each thing once per change. One thread. */
final class HealthLog {
  private static final Logger LOG = LoggerFactory.getLogger(HealthClient.class);

  private @Nullable HealthPlan planned;
  private String lastLoss = "";

  void planned(HealthPlan plan) {
    lastLoss = "";
    if (plan.equals(planned)) {
      return;
    }
    planned = plan;
    LOG.info(
        "health of {} endpoints is reported to the control plane every {} ms",
        plan.checks().size(),
        plan.interval().toMillis());
    for (PlannedCheck check : plan.checks()) {
      if (check.probe() instanceof Probe.Unsupported unsupported) {
        LOG.warn(
            "health check of cluster {}: {}; it is reported as UNKNOWN, which counts as healthy",
            check.cluster(),
            unsupported.why());
      }
    }
  }

  void notServed() {
    LOG.info("the control plane serves no health discovery (HDS); health is not reported");
  }

  void lost(String reason, long retryMillis) {
    if (reason.equals(lastLoss)) {
      LOG.debug("still no health stream: {}; trying again in {} ms", reason, retryMillis);
    } else {
      LOG.warn(
          "no health stream (HDS) to the control plane: {}; trying again in {} ms, then with"
              + " growing pauses; traffic is not affected",
          reason,
          retryMillis);
    }
    lastLoss = reason;
  }

  void bug(Throwable failure) {
    LOG.error("health reports have met a bug and go on", failure);
  }
}
