package io.kumarun.devmesh.controlplane;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

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

  /** Waits until something is to happen within this time, which another thread has to say. */
  void awaitTask(Duration within) {
    await().atMost(Duration.ofSeconds(30)).until(() -> isDue(within));
  }

  private synchronized boolean isDue(Duration within) {
    Task first = tasks.peek();
    return first != null && !first.due().isAfter(now.plus(within));
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

  private synchronized @Nullable Task next(Instant end) {
    Task first = tasks.peek();
    if (first == null || first.due().isAfter(end)) {
      return null;
    }
    tasks.remove();
    now = first.due();
    return first;
  }
}
