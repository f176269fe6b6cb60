package io.kumarun.kuma.dynconf;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code /otel}: which collector stands behind which socket (contract §5.6). */
public record OtelConfig(List<Backend> backends) {
  public OtelConfig {
    backends = backends == null ? List.of() : List.copyOf(backends);
  }

  /**
   * A collector.
   *
   * @param socketPath the address in the clusters that mean this collector
   * @param endpoint host and port, possibly without the host
   * @param path before {@code /v1/traces} and the like, for HTTP
   */
  public record Backend(
      @Nullable String name,
      String socketPath,
      @Nullable String endpoint,
      boolean useHTTP,
      boolean useHTTPS,
      @Nullable String path,
      @Nullable EnvPolicy envPolicy,
      @Nullable Signal traces,
      @Nullable Signal logs,
      @Nullable Signal metrics) {
    public Backend {
      socketPath = socketPath == null ? "" : socketPath;
    }
  }

  /** What {@code OTEL_EXPORTER_OTLP_*} of the environment may change. */
  public record EnvPolicy(
      @Nullable String mode, @Nullable String precedence, boolean allowSignalOverrides) {}

  /**
   * One of traces, logs and metrics.
   *
   * @param blockedReasons not empty: it must not be sent
   * @param refreshInterval of metrics, as Go writes it, {@code 30s}
   */
  public record Signal(
      boolean enabled,
      boolean envInputPresent,
      List<String> overrideKinds,
      List<String> missingFields,
      List<String> blockedReasons,
      @Nullable String refreshInterval) {
    public Signal {
      overrideKinds = overrideKinds == null ? List.of() : List.copyOf(overrideKinds);
      missingFields = missingFields == null ? List.of() : List.copyOf(missingFields);
      blockedReasons = blockedReasons == null ? List.of() : List.copyOf(blockedReasons);
    }
  }
}
