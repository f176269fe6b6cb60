package io.kumarun.telemetry;

import java.util.List;

/**
 * One statistic at one moment, under Envoy's dotted name ({@code
 * cluster.backend.upstream_rq_total}) as Envoy's {@code /stats} shows it. Immutable.
 */
public sealed interface Stat {
  /** The percentiles that Envoy computes of a histogram. */
  List<Double> QUANTILES = List.of(0.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.5, 99.9, 100.0);

  String name();

  /** Whether anything was counted yet. */
  boolean used();

  /** A counter or a gauge. */
  record Number(String name, long value) implements Stat {
    @Override
    public boolean used() {
      return value != 0;
    }
  }

  /**
   * A distribution of milliseconds since the start.
   *
   * @param quantiles the value at each of {@link #QUANTILES}, from buckets and so approximate;
   *     empty while nothing was recorded
   */
  record Histogram(String name, List<Double> quantiles) implements Stat {
    public Histogram {
      quantiles = List.copyOf(quantiles);
    }

    @Override
    public boolean used() {
      return !quantiles.isEmpty();
    }
  }
}
