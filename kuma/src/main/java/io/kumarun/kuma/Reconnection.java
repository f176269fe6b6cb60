package io.kumarun.kuma;

import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;

/**
 * Decides after the end of a stream when the next one is opened, and whether a bootstrap is asked
 * for before that. No I/O; one thread at a time.
 */
final class Reconnection {
  private static final Duration LAST_RETRY = Duration.ofSeconds(30);

  /** The previous stream is held for 10 s in all: no reason for longer and longer pauses. */
  private static final int LONGEST_PAUSE_WHILE_HELD = 3;

  /** A control plane that just started may refuse good tokens for a moment. */
  private static final int REFUSALS_UNTIL_BOOTSTRAP = 3;

  /** The pauses have stopped growing long before that. */
  private static final int MAX_FAILURES = 20;

  /** What to do next. */
  record Attempt(Duration pause, boolean bootstrapFirst) {}

  private final IntervalFunction backOff;
  private int failures;
  private int refusals;

  /**
   * @param firstRetry the first pause; later ones grow, and all are spread by half
   */
  Reconnection(Duration firstRetry) {
    backOff = IntervalFunction.ofExponentialRandomBackoff(firstRetry, 2, 0.5, LAST_RETRY);
  }

  /** A response came, and was taken. */
  void answered() {
    failures = 0;
    refusals = 0;
  }

  Attempt after(StreamLoss.Kind loss) {
    failures = Math.min(failures + 1, MAX_FAILURES);
    refusals = loss == StreamLoss.Kind.UNAUTHENTICATED ? refusals + 1 : 0;
    int step =
        loss == StreamLoss.Kind.STILL_HELD
            ? Math.min(failures, LONGEST_PAUSE_WHILE_HELD)
            : failures;
    boolean bootstrapFirst =
        switch (loss) {
          case UNTRUSTED -> true;
          case UNAUTHENTICATED -> refusals % REFUSALS_UNTIL_BOOTSTRAP == 0;
          case LOST, STILL_HELD -> false;
        };
    return new Attempt(Duration.ofMillis(backOff.apply(step)), bootstrapFirst);
  }
}
