package io.kumarun.sidecar.settings;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Cloud Run tells a container about itself, each null where it does not (container contract of
 * Cloud Run; worker pools have no {@code K_} variables).
 *
 * @param port where requests come to; only the ingress container has it
 * @param metadataHost of the metadata server where it is not the usual one
 */
public record PlatformVariables(
    @Nullable String service,
    @Nullable String revision,
    @Nullable String job,
    @Nullable String execution,
    @Nullable String taskIndex,
    @Nullable String taskAttempt,
    @Nullable String workerPool,
    @Nullable String workerPoolRevision,
    @Nullable Integer port,
    @Nullable String hostname,
    @Nullable String metadataHost) {

  static PlatformVariables of(Map<String, String> environment, @Nullable Integer port) {
    return new PlatformVariables(
        value(environment, "K_SERVICE"),
        value(environment, "K_REVISION"),
        value(environment, "CLOUD_RUN_JOB"),
        value(environment, "CLOUD_RUN_EXECUTION"),
        value(environment, "CLOUD_RUN_TASK_INDEX"),
        value(environment, "CLOUD_RUN_TASK_ATTEMPT"),
        value(environment, "CLOUD_RUN_WORKER_POOL"),
        value(environment, "CLOUD_RUN_WORKER_POOL_REVISION"),
        port,
        value(environment, "HOSTNAME"),
        value(environment, "GCE_METADATA_HOST"));
  }

  /** What the platform calls that which runs here; null: this is not Cloud Run. */
  public @Nullable String name() {
    return service != null ? service : job != null ? job : workerPool;
  }

  private static @Nullable String value(Map<String, String> environment, String name) {
    String value = environment.getOrDefault(name, "");
    return value.isBlank() ? null : value.strip();
  }
}
