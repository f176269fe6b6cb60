package io.kumarun.telemetry;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/**
 * The meters of one cluster, listener or connection manager: registered together, dropped together.
 * Not thread-safe while it is filled; afterwards only {@link #drop} changes it.
 */
final class MeterGroup {
  /** Envoy's default buckets of a Prometheus histogram, in milliseconds. */
  private static final double[] BUCKETS = {
    0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000,
    600_000, 1_800_000, 3_600_000
  };

  private static final String CODE_CLASS = "envoy_response_code_class";

  private final MeterRegistry registry;
  private final String prefix;
  private final Tags tags;
  private final List<Meter> meters = new ArrayList<>();

  MeterGroup(MeterRegistry registry, String prefix, Tags tags) {
    this.registry = registry;
    this.prefix = prefix;
    this.tags = tags;
  }

  /** A group that nobody sees. */
  static MeterGroup unregistered() {
    return new MeterGroup(new SimpleMeterRegistry(), "", Tags.empty());
  }

  /** A counter that costs one uncontended add; the registry reads it at a scrape. */
  LongAdder counter(String name) {
    return counter(name, tags);
  }

  /** A counter that Envoy does not have, with the labels of the others. */
  LongAdder ownCounter(String name) {
    return register("kumarun_" + name, tags);
  }

  /** One counter per class of status: index 0 is 1xx, index 4 is 5xx. */
  LongAdder[] countersByCodeClass(String name) {
    LongAdder[] counters = new LongAdder[5];
    for (int i = 0; i < counters.length; i++) {
      counters[i] = counter(name, tags.and(CODE_CLASS, Integer.toString(i + 1)));
    }
    return counters;
  }

  /** A value that goes up and down. */
  LongAdder level(String name) {
    LongAdder level = new LongAdder();
    meters.add(Gauge.builder(prefix + name, level, LongAdder::sum).tags(tags).register(registry));
    return level;
  }

  /** A value that is computed when it is read. Any thread may call {@code value}. */
  void gauge(String name, DoubleSupplier value) {
    meters.add(
        Gauge.builder(prefix + name, value, DoubleSupplier::getAsDouble)
            .tags(tags)
            .strongReference(true)
            .register(registry));
  }

  DistributionSummary histogram(String name) {
    DistributionSummary summary =
        DistributionSummary.builder(prefix + name)
            .tags(tags)
            .serviceLevelObjectives(BUCKETS)
            .register(registry);
    meters.add(summary);
    return summary;
  }

  void drop() {
    meters.forEach(registry::remove);
    meters.clear();
  }

  /** Counts a status in the counters of {@link #countersByCodeClass}. */
  static void count(LongAdder[] byCodeClass, int status) {
    int index = status / 100 - 1;
    if (index >= 0 && index < byCodeClass.length) {
      byCodeClass[index].increment();
    }
  }

  private LongAdder counter(String name, Tags counterTags) {
    return register(prefix + name, counterTags);
  }

  private LongAdder register(String name, Tags counterTags) {
    LongAdder counter = new LongAdder();
    meters.add(
        FunctionCounter.builder(name, counter, LongAdder::sum)
            .tags(counterTags)
            .register(registry));
    return counter;
  }
}
