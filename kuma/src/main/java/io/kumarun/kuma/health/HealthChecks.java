package io.kumarun.kuma.health;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes the checks of a plan again and again, and says when to report: at the plan's interval, and
 * when a verdict changed. In the client's synchronization context only.
 */
final class HealthChecks {
  private final EndpointProber prober;
  private final BooleanSupplier ready;
  private final BiFunction<Runnable, Duration, Future<?>> timer;
  private final Executor sync;
  private final Runnable report;

  private List<EndpointCheck> checks = List.of();
  private @Nullable HealthPlan plan;
  private @Nullable Future<?> reportTimer;

  /**
   * Makes none yet.
   *
   * @param timer runs a task later in the synchronization context
   * @param sync brings the result of a check back into it
   */
  HealthChecks(
      EndpointProber prober,
      BooleanSupplier ready,
      BiFunction<Runnable, Duration, Future<?>> timer,
      Executor sync,
      Runnable report) {
    this.prober = prober;
    this.ready = ready;
    this.timer = timer;
    this.sync = sync;
    this.report = report;
  }

  /** Whether there is a plan. */
  boolean following() {
    return plan != null;
  }

  List<EndpointCheck> all() {
    return checks;
  }

  /** Turns to a new plan; what it shares with the old one goes on undisturbed. */
  void follow(HealthPlan next) {
    List<EndpointCheck> before = new ArrayList<>(checks);
    List<EndpointCheck> after = new ArrayList<>();
    List<EndpointCheck> fresh = new ArrayList<>();
    for (PlannedCheck planned : next.checks()) {
      EndpointCheck check = taken(before, planned);
      if (check == null) {
        check = new EndpointCheck(planned);
        fresh.add(check);
      }
      after.add(check);
    }
    before.forEach(EndpointCheck::stop);
    checks = List.copyOf(after);
    plan = next;
    fresh.forEach(this::check);
    restartReports(next.interval());
  }

  /** Takes the readiness of this moment; no report yet. */
  void askReadiness() {
    for (EndpointCheck check : checks) {
      if (check.plan().probe() instanceof Probe.OwnReadiness) {
        check.record(ready.getAsBoolean());
      }
    }
  }

  void stop() {
    checks.forEach(EndpointCheck::stop);
    checks = List.of();
    plan = null;
    if (reportTimer != null) {
      reportTimer.cancel(false);
    }
  }

  private static @Nullable EndpointCheck taken(List<EndpointCheck> from, PlannedCheck planned) {
    for (EndpointCheck check : from) {
      if (check.plan().equals(planned)) {
        from.remove(check);
        return check;
      }
    }
    return null;
  }

  private void check(EndpointCheck check) {
    if (!check.running()) {
      return;
    }
    PlannedCheck planned = check.plan();
    switch (planned.probe()) {
      case Probe.OwnReadiness own -> result(check, ready.getAsBoolean());
      case Probe.Tcp tcp ->
          prober.tcp(tcp, planned.timeout(), ok -> sync.execute(() -> result(check, ok)));
      case Probe.Http http ->
          prober.http(http, planned.timeout(), ok -> sync.execute(() -> result(check, ok)));
      case Probe.Unsupported unsupported -> {} // stays UNKNOWN
    }
  }

  private void result(EndpointCheck check, boolean success) {
    if (!check.running()) {
      return;
    }
    if (check.record(success) && firstResultsAreIn()) {
      report.run();
    }
    var unused = timer.apply(() -> check(check), check.plan().interval());
  }

  /** Until then the first report waits for all, or for its interval. */
  private boolean firstResultsAreIn() {
    for (EndpointCheck check : checks) {
      if (check.verdict() == Verdict.UNKNOWN
          && !(check.plan().probe() instanceof Probe.Unsupported)) {
        return false;
      }
    }
    return true;
  }

  private void restartReports(Duration interval) {
    if (reportTimer != null) {
      reportTimer.cancel(false);
    }
    HealthPlan current = plan;
    reportTimer =
        timer.apply(
            () -> {
              if (plan == current) {
                report.run();
                restartReports(interval);
              }
            },
            interval);
  }
}
