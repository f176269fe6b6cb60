package io.kumarun.devmesh.controlplane;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/** What happened on the control plane so far, oldest first, with a way to wait. Any thread. */
public final class Journal {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<AdsEvent> events = new ArrayList<>();

  void record(AdsEvent event) {
    lock.lock();
    try {
      events.add(event);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** How much has happened: a position to wait from. */
  public int position() {
    lock.lock();
    try {
      return events.size();
    } finally {
      lock.unlock();
    }
  }

  public List<AdsEvent> events() {
    return eventsSince(0);
  }

  /** What happened since a {@link #position()}. */
  public List<AdsEvent> eventsSince(int position) {
    lock.lock();
    try {
      return List.copyOf(events.subList(position, events.size()));
    } finally {
      lock.unlock();
    }
  }

  /** All events of one kind. */
  public <E extends AdsEvent> List<E> events(Class<E> kind) {
    return events().stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /**
   * Waits for an event, which may have happened already.
   *
   * @throws AssertionError with everything that did happen, if it does not come in time
   */
  public <E extends AdsEvent> E await(Class<E> kind, Predicate<? super E> wanted, Duration limit) {
    return await(0, kind, wanted, limit);
  }

  /** Waits as {@link #await(Class, Predicate, Duration)} does, for an event after a position. */
  public <E extends AdsEvent> E await(
      int position, Class<E> kind, Predicate<? super E> wanted, Duration limit) {
    long left = limit.toNanos();
    int next = position;
    lock.lock();
    try {
      while (true) {
        for (; next < events.size(); next++) {
          AdsEvent event = events.get(next);
          if (kind.isInstance(event) && wanted.test(kind.cast(event))) {
            return kind.cast(event);
          }
        }
        if (left <= 0) {
          throw new AssertionError(missing(kind, limit, position));
        }
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("Interrupted while waiting for " + kind.getSimpleName(), e);
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the data plane to accept a response of this type sent after {@code position}. */
  public AdsEvent.Received awaitAck(
      int position, String nodeId, ResourceType type, Duration limit) {
    AdsEvent.Sent sent =
        await(
            position,
            AdsEvent.Sent.class,
            s -> s.nodeId().equals(nodeId) && s.isAbout(type),
            limit);
    return await(
        position,
        AdsEvent.Received.class,
        r ->
            r.nodeId().equals(nodeId)
                && r.isAbout(type)
                && r.isAck()
                && r.nonce().equals(sent.nonce()),
        limit);
  }

  /** Waits for the data plane to refuse a response of this type. */
  public AdsEvent.Received awaitNack(
      int position, String nodeId, ResourceType type, Duration limit) {
    return await(
        position,
        AdsEvent.Received.class,
        r -> r.nodeId().equals(nodeId) && r.isAbout(type) && r.isNack(),
        limit);
  }

  private String missing(Class<?> kind, Duration limit, int position) {
    StringBuilder text =
        new StringBuilder("No such " + kind.getSimpleName() + " within ")
            .append(TimeUnit.NANOSECONDS.toMillis(limit.toNanos()))
            .append(" ms; what happened instead:");
    events.subList(position, events.size()).forEach(event -> text.append("\n  ").append(event));
    return text.toString();
  }
}
