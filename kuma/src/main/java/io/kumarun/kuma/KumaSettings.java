package io.kumarun.kuma;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;

/**
 * How this data plane joins its mesh. Immutable; any thread.
 *
 * @param controlPlane {@code https://host:5678} (or http); a path in it is replaced
 * @param caPem the authorities of the control plane, read again for each bootstrap; empty: those of
 *     the system
 * @param skipVerify the bootstrap call accepts any certificate
 * @param token the dataplane token, read again before each connection; empty: none
 * @param dataplane mesh, name and, unless it was created beforehand, the resource
 * @param readinessPort 1 to 65535, or the control plane renders nothing
 * @param workdir prefix of the socket paths that the control plane puts into configuration
 * @param dynamicMetadata shown with the data plane
 * @param host what the control plane is told about it
 * @param version of this program
 * @param retryInterval between two bootstrap calls
 * @param retryFor how long the bootstrap call is repeated
 */
public record KumaSettings(
    URI controlPlane,
    Supplier<String> caPem,
    boolean skipVerify,
    Supplier<String> token,
    DataplaneResource dataplane,
    int readinessPort,
    String workdir,
    Map<String, String> dynamicMetadata,
    HostFacts host,
    String version,
    Duration retryInterval,
    Duration retryFor) {
  /** kuma-dp's own (contract §1.2). */
  public static final Duration DEFAULT_RETRY_INTERVAL = Duration.ofSeconds(3);

  public static final Duration DEFAULT_RETRY_FOR = Duration.ofMinutes(5);

  public KumaSettings {
    dynamicMetadata = Map.copyOf(dynamicMetadata);
    String scheme = controlPlane.getScheme();
    if (controlPlane.getHost() == null
        || !("http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme))) {
      throw new IllegalArgumentException(
          "control plane URL \"" + controlPlane + "\": expected http(s)://host:port");
    }
    if (readinessPort < 1 || readinessPort > 65535) {
      throw new IllegalArgumentException(
          "readiness port " + readinessPort + ": expected 1 to 65535");
    }
  }

  /** With nothing said about the host. */
  public KumaSettings(
      URI controlPlane,
      Supplier<String> caPem,
      boolean skipVerify,
      Supplier<String> token,
      DataplaneResource dataplane,
      int readinessPort,
      String workdir,
      Map<String, String> dynamicMetadata,
      String version,
      Duration retryInterval,
      Duration retryFor) {
    this(
        controlPlane,
        caPem,
        skipVerify,
        token,
        dataplane,
        readinessPort,
        workdir,
        dynamicMetadata,
        HostFacts.DEFAULT,
        version,
        retryInterval,
        retryFor);
  }

  boolean secure() {
    return "https".equalsIgnoreCase(controlPlane.getScheme());
  }

  int port() {
    return controlPlane.getPort() > 0 ? controlPlane.getPort() : secure() ? 443 : 80;
  }
}
