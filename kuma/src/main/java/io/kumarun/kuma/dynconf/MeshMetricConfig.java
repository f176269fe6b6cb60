package io.kumarun.kuma.dynconf;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code /meshmetric}: which metrics go where (contract §3.15).
 *
 * @param sidecar null: the profile Basic, and only what was used
 * @param extraLabels added to every series
 */
public record MeshMetricConfig(
    List<Application> applications,
    List<Backend> backends,
    @Nullable Sidecar sidecar,
    Map<String, String> extraLabels) {
  public MeshMetricConfig {
    applications = applications == null ? List.of() : List.copyOf(applications);
    backends = backends == null ? List.of() : List.copyOf(backends);
    extraLabels = extraLabels == null ? Map.of() : Map.copyOf(extraLabels);
  }

  /**
   * Something to scrape.
   *
   * @param address null or empty: the data plane's own
   */
  public record Application(
      @Nullable String name, String path, int port, @Nullable String address) {
    public Application {
      path = path == null ? "" : path;
    }
  }

  /**
   * Who gets the metrics.
   *
   * @param type {@code Prometheus} or {@code OpenTelemetry}
   */
  public record Backend(String type, @Nullable String name, @Nullable OpenTelemetry openTelemetry) {
    public Backend {
      type = type == null ? "" : type;
    }
  }

  /**
   * @param endpoint the path of a socket, or host and port
   * @param refreshInterval as Go writes it, {@code 1m0s}
   */
  public record OpenTelemetry(@Nullable String endpoint, @Nullable String refreshInterval) {}

  /** Which of the proxy's own metrics. */
  public record Sidecar(@Nullable Profiles profiles, boolean includeUnused) {}

  /** First the profiles, then without what is excluded, then with what is included. */
  public record Profiles(
      List<Profile> appendProfiles, List<Selector> exclude, List<Selector> include) {
    public Profiles {
      appendProfiles = appendProfiles == null ? List.of() : List.copyOf(appendProfiles);
      exclude = exclude == null ? List.of() : List.copyOf(exclude);
      include = include == null ? List.of() : List.copyOf(include);
    }
  }

  /**
   * @param name {@code All}, {@code Basic} or {@code None}
   */
  public record Profile(String name) {}

  /**
   * Metrics by name.
   *
   * @param type {@code Regex}, {@code Prefix}, {@code Contains} or {@code Exact}
   */
  public record Selector(String type, String match) {}

  /** The envelope. */
  record Document(Observability observability) {
    Document {
      observability = observability == null ? new Observability(null) : observability;
    }
  }

  record Observability(@Nullable MeshMetricConfig metrics) {}
}
