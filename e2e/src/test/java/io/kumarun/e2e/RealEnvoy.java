package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kumarun.devmesh.envoy.EnvoyBinary;
import java.nio.file.Path;
import java.util.Optional;

/** Whether there is an Envoy to compare with. */
final class RealEnvoy {
  private static final Optional<Path> FOUND = EnvoyBinary.find(System.getenv("KUMARUN_ENVOY"));

  private RealEnvoy() {}

  static boolean isPresent() {
    return FOUND.isPresent();
  }

  /** Skips the test where there is none, or fails it if {@code KUMARUN_REQUIRE_ENVOY} is set. */
  static void orSkip() {
    if (System.getenv("KUMARUN_REQUIRE_ENVOY") != null) {
      assertThat(FOUND).as(EnvoyBinary.MISSING).isPresent();
    }
    assumeTrue(FOUND.isPresent(), EnvoyBinary.MISSING);
  }
}
