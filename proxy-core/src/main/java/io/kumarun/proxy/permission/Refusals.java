package io.kumarun.proxy.permission;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Keeps the log readable, and its disk free, whoever knocks: a refusal is news once a minute for
 * the same peer and reason, and no more than so many are news within a minute. Any thread.
 */
public final class Refusals {
  private static final int MOST = 256;
  private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Map<String, Long> said = new ConcurrentHashMap<>();

  /** Whether a refusal is worth a line. */
  public boolean isNews(String peer, String reason) {
    String key = peer + ' ' + reason;
    long now = System.nanoTime();
    Long before = said.get(key);
    if (before != null) {
      return now - before >= MINUTE_NANOS && said.replace(key, before, now);
    }
    if (said.size() >= MOST) {
      said.values().removeIf(then -> now - then >= MINUTE_NANOS);
    }
    return said.size() < MOST && said.putIfAbsent(key, now) == null;
  }
}
