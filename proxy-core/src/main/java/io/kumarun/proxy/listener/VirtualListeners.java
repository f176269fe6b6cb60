package io.kumarun.proxy.listener;

import io.kumarun.proxy.config.ListenerConfig;
import io.kumarun.telemetry.ProxyMetrics;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Listeners without a socket, by name; their connections are handed to them. Changed by one thread
 * at a time, looked up by any.
 */
final class VirtualListeners {
  private final Map<String, ActiveListener> listeners = new ConcurrentHashMap<>();
  private final ProxyMetrics metrics;
  private final Duration drainTime;

  VirtualListeners(ProxyMetrics metrics, Duration drainTime) {
    this.metrics = metrics;
    this.drainTime = drainTime;
  }

  /**
   * Puts a new set in place of the old one.
   *
   * @param problems gets a sentence for each that cannot be served
   */
  void apply(Map<String, ListenerConfig> configs, List<String> problems) {
    listeners
        .entrySet()
        .removeIf(
            entry -> {
              boolean gone = !configs.containsKey(entry.getKey());
              if (gone) {
                entry.getValue().drainReplaced(null, drainTime);
              }
              return gone;
            });
    for (ListenerConfig config : configs.values()) {
      ActiveListener before = listeners.get(config.name());
      if (before != null && before.config().equals(config)) {
        continue;
      }
      try {
        ActiveListener after = ActiveListener.compile(config, before, metrics);
        listeners.put(config.name(), after);
        if (before != null) {
          before.drainReplaced(after, drainTime);
        }
      } catch (IllegalArgumentException e) {
        problems.add("listener " + config.name() + ": " + e.getMessage());
      }
    }
  }

  @Nullable ActiveListener get(String name) {
    return listeners.get(name);
  }

  Collection<ActiveListener> all() {
    return listeners.values();
  }
}
