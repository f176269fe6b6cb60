package io.kumarun.kuma;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemAuthoritiesTest {
  @TempDir Path folder;

  @Test
  void theFirstBundleThatHoldsCertificatesIsTaken() throws IOException {
    Path missing = folder.resolve("missing");
    Path empty = Files.writeString(folder.resolve("empty"), "");
    Path full = Files.writeString(folder.resolve("full"), "-----BEGIN CERTIFICATE-----\n");

    assertThat(SystemAuthorities.pem(List.of(missing, empty, full))).startsWith("-----BEGIN");
    assertThat(SystemAuthorities.pem(List.of(missing, empty))).isEmpty();
  }
}
