package io.kumarun.devmesh.controlplane;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** The time of a control plane: what time it is, and what happens later. Any thread. */
public interface Timers {

  /** The time of tokens and certificates. */
  Instant now();

  /**
   * Runs something once, later.
   *
   * @return takes it back, unless it has begun
   */
  Runnable after(Duration delay, Runnable task);

  /** The time of the world, on threads of this executor. */
  static Timers of(ScheduledExecutorService executor) {
    return new Timers() {
      @Override
      public Instant now() {
        return Instant.now();
      }

      @Override
      public Runnable after(Duration delay, Runnable task) {
        ScheduledFuture<?> scheduled =
            executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> scheduled.cancel(false);
      }
    };
  }
}
