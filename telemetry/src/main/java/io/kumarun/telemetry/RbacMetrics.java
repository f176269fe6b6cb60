package io.kumarun.telemetry;

import java.util.concurrent.atomic.LongAdder;

/**
 * What Envoy counts for the RBAC filter of a TCP filter chain ({@code envoy_rbac_*}). Any thread.
 */
public final class RbacMetrics {
  private final LongAdder allowed;
  private final LongAdder denied;

  RbacMetrics(MeterGroup meters) {
    allowed = meters.counter("allowed");
    denied = meters.counter("denied");
  }

  public void allowed() {
    allowed.increment();
  }

  public void denied() {
    denied.increment();
  }
}
