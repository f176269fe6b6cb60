package io.kumarun.telemetry;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lines on their way from one thread that logs to the one that writes: a ring of bytes without
 * locks. A line is there as a whole or not at all.
 */
final class LineRing {
  private final byte[] bytes;
  private final int mask;

  /** Counted since the start; only the logging thread changes it. */
  private final AtomicLong written = new AtomicLong();

  /** Counted since the start; only the writing thread changes it. */
  private final AtomicLong read = new AtomicLong();

  /**
   * @param capacity in bytes, a power of two
   */
  LineRing(int capacity) {
    bytes = new byte[capacity];
    mask = capacity - 1;
  }

  /**
   * Logging thread only.
   *
   * @param line a char per byte
   * @return false if there is no room
   */
  boolean offer(CharSequence line) {
    long start = written.getPlain();
    int length = line.length();
    if (length > bytes.length - (start - read.getAcquire())) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      bytes[(int) (start + i) & mask] = (byte) line.charAt(i);
    }
    // A full fence: whoever logs looks afterwards whether the writer is asleep.
    written.set(start + length);
    return true;
  }

  /** Writing thread only. What cannot be written is lost, so that a broken sink blocks nobody. */
  boolean drainTo(OutputStream sink) throws IOException {
    long from = read.getPlain();
    long to = written.getAcquire();
    if (from == to) {
      return false;
    }
    try {
      int start = (int) from & mask;
      int length = (int) (to - from);
      int untilEnd = Math.min(length, bytes.length - start);
      sink.write(bytes, start, untilEnd);
      if (untilEnd < length) {
        sink.write(bytes, 0, length - untilEnd);
      }
    } finally {
      read.setRelease(to);
    }
    return true;
  }

  boolean isEmpty() {
    return read.get() == written.get();
  }
}
