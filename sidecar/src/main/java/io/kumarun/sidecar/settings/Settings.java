package io.kumarun.sidecar.settings;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the environment and the command line say, checked. Nothing else reads them.
 *
 * @param controlPlaneCaCert PEM; null with {@code controlPlaneCaCertFile} null: the system's
 * @param controlPlaneCaCertFile null if unset, or if {@code controlPlaneCaCert} is set
 * @param dataplaneName null where a resource names the Dataplane, or it is derived
 * @param dataplaneToken null if unset
 * @param dataplaneTokenPath null if unset; to be read for every connection
 * @param dataplaneResource YAML or JSON, or a template of it; null if unset, or if the path is set
 * @param dataplaneResourcePath {@link #STANDARD_INPUT} or a file; null if unset
 * @param dataplaneVariables for the template
 * @param derivation what makes a Dataplane where neither a name nor a resource does
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
    Map<String, String> dataplaneVariables,
    Derivation derivation,
    PlatformVariables platform,
    HostSettings host,
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

  /** The value of {@link #dataplaneResourcePath} that means no file. */
  public static final Path STANDARD_INPUT = Path.of("-");

  /**
   * Reads the settings of a program that was started without flags.
   *
   * @throws InvalidSettingsException with everything that is wrong, not only the first
   */
  public static Settings from(Map<String, String> environment) {
    return from(environment, CommandLineFlags.NONE);
  }

  /**
   * Reads the settings; a flag wins over the variable.
   *
   * @throws InvalidSettingsException with everything that is wrong, not only the first
   */
  public static Settings from(Map<String, String> environment, CommandLineFlags flags) {
    return new SettingsAssembly(environment, flags).settings();
  }

  /** Whether nobody wrote the Dataplane down, nor made it beforehand. */
  public boolean dataplaneIsDerived() {
    return dataplaneName == null && dataplaneResource == null && dataplaneResourcePath == null;
  }

  public boolean accessLogIsOff() {
    return accessLog.equals(ACCESS_LOG_OFF);
  }
}
