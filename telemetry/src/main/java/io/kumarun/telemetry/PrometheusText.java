package io.kumarun.telemetry;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes meters in the Prometheus text format 0.0.4 under exactly the names they were registered
 * with. The writer that comes with the registry appends {@code _total} to each counter, which would
 * rename most of Envoy's ({@code envoy_cluster_upstream_rq_xx}) and leave Kuma's dashboards empty.
 */
final class PrometheusText {
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final StringBuilder text = new StringBuilder(16 * 1024);

  private PrometheusText() {}

  static String of(Collection<? extends Meter> meters) {
    Map<String, List<Meter>> byName = new TreeMap<>();
    for (Meter meter : meters) {
      byName.computeIfAbsent(meter.getId().getName(), name -> new ArrayList<>()).add(meter);
    }
    PrometheusText writer = new PrometheusText();
    byName.forEach(writer::family);
    return writer.text.toString();
  }

  private void family(String name, List<Meter> meters) {
    text.append("# TYPE ").append(name).append(' ').append(type(meters.getFirst())).append('\n');
    for (Meter meter : meters) {
      List<Tag> tags = meter.getId().getTags();
      switch (meter) {
        case FunctionCounter counter -> sample(name, tags, null, counter.count());
        case Gauge gauge -> sample(name, tags, null, gauge.value());
        case DistributionSummary summary -> histogram(name, tags, summary.takeSnapshot());
        default -> throw new IllegalStateException("no text for a meter like " + meter.getId());
      }
    }
  }

  private void histogram(String name, List<Tag> tags, HistogramSnapshot snapshot) {
    for (CountAtBucket bucket : snapshot.histogramCounts()) {
      if (bucket.bucket() < Double.MAX_VALUE) {
        sample(name + "_bucket", tags, number(bucket.bucket()), bucket.count());
      }
    }
    sample(name + "_bucket", tags, "+Inf", snapshot.count());
    sample(name + "_sum", tags, null, snapshot.total());
    sample(name + "_count", tags, null, snapshot.count());
  }

  private void sample(String name, List<Tag> tags, @Nullable String upperBound, double value) {
    text.append(name).append('{');
    String separator = "";
    for (Tag tag : tags) {
      text.append(separator).append(tag.getKey()).append("=\"");
      escaped(tag.getValue());
      text.append('"');
      separator = ",";
    }
    if (upperBound != null) {
      text.append(separator).append("le=\"").append(upperBound).append('"');
    }
    text.append("} ").append(number(value)).append('\n');
  }

  private void escaped(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '\\' -> text.append("\\\\");
        case '"' -> text.append("\\\"");
        case '\n' -> text.append("\\n");
        default -> text.append(c);
      }
    }
  }

  private static String number(double value) {
    long whole = (long) value;
    return whole == value ? Long.toString(whole) : Double.toString(value);
  }

  private static String type(Meter meter) {
    return switch (meter) {
      case FunctionCounter counter -> "counter";
      case DistributionSummary summary -> "histogram";
      default -> "gauge";
    };
  }
}
