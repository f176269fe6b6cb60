package io.kumarun.sidecar.settings;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the environment says, checked. Nothing else reads it.
 *
 * @param controlPlaneCaCert PEM; null with {@code controlPlaneCaCertFile} null: the system's
 * @param controlPlaneCaCertFile null if unset, or if {@code controlPlaneCaCert} is set
 * @param dataplaneName null where a resource names the Dataplane
 * @param dataplaneToken null if unset
 * @param dataplaneTokenPath null if unset; to be read for every connection
 * @param dataplaneResource YAML or JSON; null if unset
 * @param workDir null: a temporary one
 * @param eventLoops positive
 */
public record Settings(
    URI controlPlaneUrl,
    @Nullable String controlPlaneCaCert,
    @Nullable Path controlPlaneCaCertFile,
    boolean controlPlaneSkipVerify,
    Duration controlPlaneRetryBackoff,
    Duration controlPlaneRetryMaxDuration,
    @Nullable String dataplaneName,
    String dataplaneMesh,
    @Nullable Secret dataplaneToken,
    @Nullable Path dataplaneTokenPath,
    @Nullable String dataplaneResource,
    @Nullable Path dataplaneResourcePath,
    @Nullable Path workDir,
    int eventLoops,
    Duration drainTime,
    int readinessPort,
    TransportKind transport,
    String accessLog,
    LogLevel logLevel,
    List<String> warnings) {

  /** The value of {@link #accessLog} that means none. */
  public static final String ACCESS_LOG_OFF = "off";

  /**
   * Reads the settings.
   *
   * @throws InvalidSettingsException with everything that is wrong, not only the first
   */
  public static Settings from(Map<String, String> environment) {
    Reader reader = new Reader(environment);
    Settings settings = reader.settings();
    if (!reader.problems.isEmpty()) {
      throw new InvalidSettingsException(reader.problems);
    }
    return settings;
  }

  public boolean accessLogIsOff() {
    return accessLog.equals(ACCESS_LOG_OFF);
  }

  /** Collects problems instead of stopping at the first. */
  private static final class Reader {
    private final Map<String, String> environment;
    private final List<String> problems = new ArrayList<>();

    Reader(Map<String, String> environment) {
      this.environment = environment;
    }

    Settings settings() {
      String caCert = optional(SettingCatalog.CONTROL_PLANE_CA_CERT);
      Path caCertFile = optional(SettingCatalog.CONTROL_PLANE_CA_CERT_FILE);
      Secret token = optional(SettingCatalog.DATAPLANE_TOKEN);
      Path tokenPath = optional(SettingCatalog.DATAPLANE_TOKEN_PATH);
      String resource = optional(SettingCatalog.DATAPLANE_RESOURCE);
      Path resourcePath = optional(SettingCatalog.DATAPLANE_RESOURCE_PATH);
      String name = optional(SettingCatalog.DATAPLANE_NAME);
      int concurrency = value(SettingCatalog.CONCURRENCY);
      checkIdentity(name, resource != null || isSet(SettingCatalog.DATAPLANE_RESOURCE_PATH));
      return new Settings(
          value(SettingCatalog.CONTROL_PLANE_URL),
          caCert,
          caCert == null ? caCertFile : null,
          value(SettingCatalog.CONTROL_PLANE_TLS_SKIP_VERIFY),
          value(SettingCatalog.CONTROL_PLANE_RETRY_BACKOFF),
          value(SettingCatalog.CONTROL_PLANE_RETRY_MAX_DURATION),
          name,
          value(SettingCatalog.DATAPLANE_MESH),
          token,
          token == null ? tokenPath : null,
          resource,
          resource == null ? resourcePath : null,
          optional(SettingCatalog.WORK_DIR),
          concurrency > 0 ? concurrency : Runtime.getRuntime().availableProcessors(),
          value(SettingCatalog.DRAIN_TIME),
          value(SettingCatalog.READINESS_PORT),
          value(SettingCatalog.TRANSPORT),
          value(SettingCatalog.ACCESS_LOG),
          value(SettingCatalog.LOG_LEVEL),
          unknownNames());
    }

    /** As kuma-dp: a resource names the Dataplane itself (contract 5.12). */
    private void checkIdentity(@Nullable String name, boolean hasResource) {
      String nameSetting = SettingCatalog.DATAPLANE_NAME.name();
      if (hasResource && name != null) {
        problems.add(
            nameSetting
                + "="
                + name
                + ": not together with a Dataplane resource, which has its own name; unset one of"
                + " them");
      }
      if (hasResource && isSet(SettingCatalog.DATAPLANE_MESH)) {
        problems.add(
            SettingCatalog.DATAPLANE_MESH.name()
                + ": not together with a Dataplane resource, which names its mesh; unset one of"
                + " them");
      }
      if (!hasResource && name == null) {
        problems.add(
            nameSetting
                + ": nothing says which Dataplane this is; set it, or "
                + SettingCatalog.DATAPLANE_RESOURCE_PATH.name()
                + " to a file with a Dataplane");
      }
    }

    private boolean isSet(Setting<?> setting) {
      return !environment.getOrDefault(setting.name(), "").isBlank();
    }

    private <T> @Nullable T optional(Setting<T> setting) {
      return isSet(setting) ? parse(setting, environment.getOrDefault(setting.name(), "")) : null;
    }

    /** The default stands in for a wrong value, so that the others are looked at too. */
    private <T> T value(Setting<T> setting) {
      T value = optional(setting);
      return value != null ? value : setting.parser().apply(setting.defaultText());
    }

    private <T> @Nullable T parse(Setting<T> setting, String text) {
      try {
        return setting.parser().apply(text);
      } catch (IllegalArgumentException e) {
        String shown = setting.secret() ? "(hidden)" : text;
        problems.add(setting.name() + "=" + shown + ": expected " + setting.expected());
        return null;
      }
    }

    /** A misspelt setting of our own would otherwise be ignored in silence. */
    private List<String> unknownNames() {
      List<String> warnings = new ArrayList<>();
      for (String name : environment.keySet()) {
        if (name.startsWith("KUMARUN_") && !SettingCatalog.isKnown(name)) {
          warnings.add(name + " is not a setting of this version and has no effect");
        }
      }
      return List.copyOf(warnings);
    }
  }
}
