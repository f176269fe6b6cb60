package io.kumarun.kuma.health;

/** What is known about an endpoint. */
enum Verdict {
  /** No check has ended yet. */
  UNKNOWN,
  HEALTHY,
  UNHEALTHY
}
