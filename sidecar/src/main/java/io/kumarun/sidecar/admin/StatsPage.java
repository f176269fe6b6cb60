package io.kumarun.sidecar.admin;

import com.google.re2j.Pattern;
import io.kumarun.telemetry.ProxyMetrics;
import io.kumarun.telemetry.Stat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Envoy's {@code /stats}. Distributions are kept since the start and in buckets: the interval of
 * each value is {@code nan}, and the value an interpolation.
 */
final class StatsPage implements AdminPage {
  private final AdminSource source;

  StatsPage(AdminSource source) {
    this.source = source;
  }

  @Override
  public Answer get(AdminRequest request) {
    Pattern filter = ConfigDumpPage.regex(request, "filter");
    boolean usedOnly = request.has("usedonly");
    return switch (request.format()) {
      case "text" -> Answer.of(Answer.TEXT, out -> text(stats(filter, usedOnly), out));
      case "json" -> Answer.of(Answer.JSON, out -> json(stats(filter, usedOnly), out));
      case "prometheus" ->
          Answer.of(ProxyMetrics.CONTENT_TYPE, out -> out.append(source.metrics().scrape()));
      default -> throw AdminPages.unknownFormat(request, "text, json or prometheus");
    };
  }

  private List<Stat> stats(@Nullable Pattern filter, boolean usedOnly) {
    List<Stat> stats = new ArrayList<>();
    for (Stat stat : source.metrics().stats()) {
      if ((!usedOnly || stat.used()) && (filter == null || filter.matcher(stat.name()).find())) {
        stats.add(stat);
      }
    }
    return stats;
  }

  private static void text(List<Stat> stats, Appendable out) throws IOException {
    for (Stat stat : stats) {
      if (stat instanceof Stat.Number number) {
        out.append(oneLine(number.name()))
            .append(": ")
            .append(Long.toString(number.value()))
            .append('\n');
      }
    }
    for (Stat stat : stats) {
      if (stat instanceof Stat.Histogram histogram) {
        out.append(oneLine(histogram.name())).append(':');
        if (!histogram.used()) {
          out.append(" No recorded values");
        }
        for (int i = 0; i < histogram.quantiles().size(); i++) {
          out.append(" P")
              .append(number(Stat.QUANTILES.get(i)))
              .append("(nan,")
              .append(number(histogram.quantiles().get(i)))
              .append(')');
        }
        out.append('\n');
      }
    }
  }

  private static void json(List<Stat> stats, Appendable out) throws IOException {
    out.append("{\"stats\":[");
    String separator = "";
    for (Stat stat : stats) {
      if (stat instanceof Stat.Number number) {
        out.append(separator).append("{\"name\":\"");
        JsonText.escape(number.name(), out);
        out.append("\",\"value\":").append(Long.toString(number.value())).append('}');
        separator = ",\n";
      }
    }
    out.append(separator).append("{\"histograms\":{\"supported_quantiles\":[");
    for (int i = 0; i < Stat.QUANTILES.size(); i++) {
      out.append(i == 0 ? "" : ",").append(number(Stat.QUANTILES.get(i)));
    }
    out.append("],\"computed_quantiles\":[");
    separator = "";
    for (Stat stat : stats) {
      if (stat instanceof Stat.Histogram histogram) {
        out.append(separator).append("{\"name\":\"");
        JsonText.escape(histogram.name(), out);
        out.append("\",\"values\":[");
        for (int i = 0; i < Stat.QUANTILES.size(); i++) {
          out.append(i == 0 ? "" : ",")
              .append("{\"interval\":null,\"cumulative\":")
              .append(histogram.used() ? number(histogram.quantiles().get(i)) : "null")
              .append('}');
        }
        out.append("]}");
        separator = ",\n";
      }
    }
    out.append("]}}]}\n");
  }

  private static String oneLine(String name) {
    return name.replace('\n', '?').replace('\r', '?');
  }

  private static String number(double value) {
    long whole = (long) value;
    return whole == value ? Long.toString(whole) : Double.toString(value);
  }
}
