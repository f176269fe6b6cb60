package io.kumarun.devmesh.controlplane;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;

/** A time that stands still until a test moves it on; what is due happens on the test's thread. */
final class ManualTimers implements Timers {

  private record Task(Instant due, long order, Runnable work) {}

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparing(Task::due).thenComparing(Task::order));
  private Instant now = Instant.now();
  private long scheduled;

  @Override
  public synchronized Instant now() {
    return now;
  }

  @Override
  public synchronized Runnable after(Duration delay, Runnable work) {
    Task task = new Task(now.plus(delay), scheduled++, work);
    tasks.add(task);
    return () -> cancel(task);
  }

  private synchronized void cancel(Task task) {
    tasks.remove(task);
  }

  void advance(Duration time) {
    Instant end = now().plus(time);
    for (Task due = next(end); due != null; due = next(end)) {
      due.work().run();
    }
    synchronized (this) {
      now = end;
    }
  }

  private synchronized @org.jspecify.annotations.Nullable Task next(Instant end) {
    Task first = tasks.peek();
    if (first == null || first.due().isAfter(end)) {
      return null;
    }
    tasks.remove();
    now = first.due();
    return first;
  }
}
