package io.kumarun.kuma;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The authorities that the operating system trusts, from where kuma-dp finds them too: what an
 * administrator added there holds for every program of the machine.
 */
final class SystemAuthorities {
  /** Debian, Alpine; Fedora, RHEL; openSUSE; RHEL 7. */
  private static final List<Path> BUNDLES =
      List.of(
          Path.of("/etc/ssl/certs/ca-certificates.crt"),
          Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
          Path.of("/etc/ssl/ca-bundle.pem"),
          Path.of("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"));

  private SystemAuthorities() {}

  /** PEM; empty: there are none. */
  static String pem() {
    return pem(BUNDLES);
  }

  static String pem(List<Path> bundles) {
    for (Path bundle : bundles) {
      try {
        String pem = Files.readString(bundle, StandardCharsets.ISO_8859_1);
        if (pem.contains("-----BEGIN CERTIFICATE-----")) {
          return pem;
        }
      } catch (IOException e) {
        // The next one, then.
      }
    }
    return "";
  }
}
