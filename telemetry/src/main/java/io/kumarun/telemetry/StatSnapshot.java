package io.kumarun.telemetry;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Reads meters as {@link Stat}s. */
final class StatSnapshot {
  private StatSnapshot() {}

  /** In the order of names. */
  static List<Stat> of(Collection<? extends Meter> meters) {
    List<Stat> stats = new ArrayList<>(meters.size());
    for (Meter meter : meters) {
      String name = StatName.of(meter.getId());
      switch (meter) {
        case FunctionCounter counter -> stats.add(new Stat.Number(name, (long) counter.count()));
        case Gauge gauge -> stats.add(new Stat.Number(name, (long) gauge.value()));
        case DistributionSummary summary ->
            stats.add(new Stat.Histogram(name, quantiles(summary.takeSnapshot())));
        default -> throw new IllegalStateException("no statistic for a meter like " + name);
      }
    }
    stats.sort(Comparator.comparing(Stat::name));
    return stats;
  }

  private static List<Double> quantiles(HistogramSnapshot snapshot) {
    if (snapshot.count() == 0) {
      return List.of();
    }
    List<Double> values = new ArrayList<>(Stat.QUANTILES.size());
    for (double quantile : Stat.QUANTILES) {
      values.add(valueAt(quantile / 100 * snapshot.count(), snapshot.histogramCounts()));
    }
    return values;
  }

  /** Interpolates within the bucket; what is above the last one counts as the last one's bound. */
  private static double valueAt(double rank, CountAtBucket[] buckets) {
    double lower = 0;
    double below = 0;
    for (CountAtBucket bucket : buckets) {
      double bound = bucket.bucket();
      if (bound >= Double.MAX_VALUE) {
        break;
      }
      double count = bucket.count();
      if (count >= rank && count > below) {
        return lower + (bound - lower) * Math.max(0, rank - below) / (count - below);
      }
      lower = bound;
      below = count;
    }
    return lower;
  }
}
