package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;

/**
 * Callers that never stop, each on a thread of its own, and what became of their requests in each
 * phase of a test. Any thread.
 */
final class Load implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Enough to see what is wrong; more would only fill the report. */
  private static final int FAILURES_KEPT = 20;

  /** A phase, with the requests that began in it and came back well, per caller. */
  private record Phase(String name, Map<String, AtomicInteger> completed, Queue<Long> nanoseconds) {
    Phase(String name) {
      this(name, new ConcurrentHashMap<>(), new ConcurrentLinkedQueue<>());
    }

    AtomicInteger of(String caller) {
      return completed.computeIfAbsent(caller, name -> new AtomicInteger());
    }
  }

  private final Map<String, Thread> threads = new LinkedHashMap<>();
  private final List<Phase> phases = new ArrayList<>();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicInteger failed = new AtomicInteger();
  private volatile Phase phase = new Phase("start");
  private volatile boolean stopped;

  /**
   * Adds a caller, which begins at once.
   *
   * @param pause between two requests; the longer, the likelier a change finds an idle connection
   */
  Load with(String name, Duration pause, Caller caller) {
    threads.put(name, Thread.ofVirtual().name(name).start(() -> run(name, pause, caller)));
    return this;
  }

  private void run(String name, Duration pause, Caller caller) {
    try {
      for (int number = 0; !stopped; number++) {
        Phase current = phase;
        try {
          long began = System.nanoTime();
          caller.call(name + "-" + number);
          current.nanoseconds().add(System.nanoTime() - began);
          current.of(name).incrementAndGet();
        } catch (Exception | AssertionError e) {
          if (failed.getAndIncrement() < FAILURES_KEPT) {
            failures.add(name + " #" + number + " in phase '" + current.name() + "': " + e);
          }
          caller.close();
        }
        LockSupport.parkNanos(pause.toNanos());
      }
      caller.close();
    } catch (Exception e) {
      failures.add(name + " gave up: " + e);
      failed.incrementAndGet();
    }
  }

  /** From now on requests count for this phase. */
  void phase(String name) {
    phases.add(phase);
    phase = new Phase(name);
  }

  /** Waits until every caller has made some requests that began after this call. */
  void awaitTraffic(int each) {
    Phase current = phase;
    Map<String, Integer> enough = new LinkedHashMap<>();
    // One more: the request that is under way now began earlier.
    threads.keySet().forEach(caller -> enough.put(caller, current.of(caller).get() + 1 + each));
    enough.forEach(
        (caller, count) ->
            Awaitility.await("traffic of " + caller + " in phase '" + current.name() + "'")
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> current.of(caller).get() >= count || failed.get() > FAILURES_KEPT));
  }

  /** Fails if a request failed, or if a caller was without traffic in a phase after the start. */
  void assertNothingFailed() {
    assertThat(failures).as("%d failed requests of %d", failed.get(), total()).isEmpty();
    phase("end");
    for (Phase each : phases.subList(1, phases.size())) {
      for (String caller : threads.keySet()) {
        assertThat(each.of(caller).get())
            .as("requests of %s in phase '%s'", caller, each.name())
            .isPositive();
      }
    }
  }

  /** Requests that came back well. */
  int total() {
    int total = phase.completed().values().stream().mapToInt(AtomicInteger::get).sum();
    for (Phase each : phases) {
      total += each.completed().values().stream().mapToInt(AtomicInteger::get).sum();
    }
    return total;
  }

  /** How long requests of a phase took at most, but for the slowest of them, in nanoseconds. */
  long percentile(String name, double share) {
    long[] sorted =
        phases.stream()
            .filter(each -> each.name().equals(name))
            .flatMap(each -> each.nanoseconds().stream())
            .mapToLong(Long::longValue)
            .sorted()
            .toArray();
    return sorted[(int) Math.ceil(share * sorted.length) - 1];
  }

  /** Phases so far, without the start. */
  int phases() {
    return phases.size() - 1;
  }

  @Override
  public void close() {
    stopped = true;
    for (Thread thread : threads.values()) {
      try {
        thread.join(PATIENCE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
