package io.kumarun.telemetry;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An access log that never holds up an event loop: each loop puts its lines into a ring of its own,
 * and one thread writes them to the sink in batches. A line for which there is no room is dropped
 * and counted ({@code kumarun_access_log_dropped_total}).
 *
 * <p>Any thread may log; each that does costs a ring, so they should be few.
 */
public final class AccessLogWriter implements AccessLog, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AccessLogWriter.class);
  private static final int RING_BYTES = 256 * 1024;

  /** Lines are gathered for this long, so that a busy proxy makes few writes. */
  private static final long BATCH_NANOS = Duration.ofMillis(50).toNanos();

  private static final long REPORT_NANOS = Duration.ofSeconds(10).toNanos();
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

  private final EnvoyAccessLogFormat format;
  private final OutputStream sink;
  private final LongAdder dropped;
  private final List<LineRing> rings = new CopyOnWriteArrayList<>();
  private final ThreadLocal<Lane> lanes;
  private final AtomicBoolean asleep = new AtomicBoolean();
  private final Thread writer;

  private volatile boolean closing;
  private long droppedReported;
  private long reportedNanos = System.nanoTime() - REPORT_NANOS;

  /**
   * Starts the writing thread.
   *
   * @param sink closed by {@link #close}
   * @param threads makes the one thread that writes; a daemon, so that a sink that hangs keeps
   *     nothing alive
   */
  public AccessLogWriter(
      EnvoyAccessLogFormat format, OutputStream sink, ThreadFactory threads, ProxyMetrics metrics) {
    this(format, sink, threads, metrics, RING_BYTES);
  }

  AccessLogWriter(
      EnvoyAccessLogFormat format,
      OutputStream sink,
      ThreadFactory threads,
      ProxyMetrics metrics,
      int ringBytes) {
    this.format = format;
    this.sink = sink;
    this.dropped = metrics.accessLogDropped();
    this.lanes =
        ThreadLocal.withInitial(
            () -> {
              Lane lane = new Lane(new StringBuilder(512), new LineRing(ringBytes));
              rings.add(lane.ring());
              return lane;
            });
    this.writer = threads.newThread(this::write);
    writer.start();
  }

  @Override
  public void log(LoggedRequest request) {
    Lane lane = lanes.get();
    StringBuilder line = lane.line();
    line.setLength(0);
    format.append(request, line);
    if (!lane.ring().offer(line)) {
      dropped.increment();
    }
    // The line is published before the flag is read, and the writer sets the flag before it looks
    // for lines: one of the two sees the other.
    if (asleep.get() && asleep.compareAndSet(true, false)) {
      LockSupport.unpark(writer);
    }
  }

  /** Writes what was logged so far, waiting for it a little, and closes the sink. */
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(writer);
    try {
      if (!writer.join(CLOSE_PATIENCE)) {
        LOG.warn("The access log could not be written to its end: its sink does not take it");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write() {
    while (!closing) {
      asleep.set(true);
      while (asleep.get() && allEmpty() && !closing) {
        LockSupport.park(this);
      }
      asleep.set(false);
      if (!closing) {
        LockSupport.parkNanos(this, BATCH_NANOS);
      }
      drain();
    }
    drain();
    try {
      sink.close();
    } catch (IOException e) {
      LOG.warn("The access log could not be closed: {}", e.toString());
    }
  }

  private boolean allEmpty() {
    for (LineRing ring : rings) {
      if (!ring.isEmpty()) {
        return false;
      }
    }
    return true;
  }

  private void drain() {
    @Nullable String failure = null;
    try {
      boolean any = false;
      for (LineRing ring : rings) {
        any |= ring.drainTo(sink);
      }
      if (any) {
        sink.flush();
      }
    } catch (IOException e) {
      failure = e.toString();
      dropped.increment();
    }
    report(failure);
  }

  /** At most once in a while: a log about a log must not become a flood itself. */
  private void report(@Nullable String failure) {
    long now = System.nanoTime();
    long lost = dropped.sum() - droppedReported;
    if (lost == 0 || now - reportedNanos < REPORT_NANOS) {
      return;
    }
    droppedReported += lost;
    reportedNanos = now;
    LOG.warn(
        "The access log lost {} records, {}; the next warning comes in {} s at the earliest",
        lost,
        failure == null ? "its sink is slower than the traffic" : "its sink failed: " + failure,
        TimeUnit.NANOSECONDS.toSeconds(REPORT_NANOS));
  }

  /** What a logging thread has for itself. */
  private record Lane(StringBuilder line, LineRing ring) {}
}
