package io.kumarun.sidecar;

import io.kumarun.kuma.HostFacts;
import io.kumarun.sidecar.settings.HostSettings;
import java.net.Inet6Address;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the control plane is told about the host, as kuma-dp finds it out. */
final class ThisHost {
  /** Where distributions of Linux keep their authorities; the first that exists counts. */
  private static final List<Path> AUTHORITIES =
      List.of(
          Path.of("/etc/ssl/certs/ca-certificates.crt"),
          Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
          Path.of("/etc/ssl/ca-bundle.pem"),
          Path.of("/etc/pki/tls/cacert.pem"),
          Path.of("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),
          Path.of("/etc/ssl/cert.pem"));

  private ThisHost() {}

  static HostFacts facts(HostSettings settings) {
    Path systemCa = settings.systemCaPath();
    return new HostFacts(
        text(settings.metricsCertPath()),
        text(settings.metricsKeyPath()),
        text(systemCa == null ? authorities() : systemCa),
        settings.ipv6Enabled() && hasIpv6(),
        settings.bindOutbounds(),
        settings.reusePort());
  }

  private static @Nullable Path authorities() {
    return AUTHORITIES.stream().filter(Files::exists).findFirst().orElse(null);
  }

  private static boolean hasIpv6() {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .anyMatch(address -> address instanceof Inet6Address && !address.isLoopbackAddress());
    } catch (SocketException e) {
      return false;
    }
  }

  private static @Nullable String text(@Nullable Path path) {
    return path == null ? null : path.toString();
  }
}
