package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kumarun.devmesh.envoy.EnvoyBinary;
import java.nio.file.Path;
import java.util.Optional;

/** Whether there is an Envoy to compare with. */
final class RealEnvoy {
  private RealEnvoy() {}

  /** Skips the test where there is none, or fails it if {@code KUMARUN_REQUIRE_ENVOY} is set. */
  static void orSkip() {
    Optional<Path> found = EnvoyBinary.find(System.getenv("KUMARUN_ENVOY"));
    if (System.getenv("KUMARUN_REQUIRE_ENVOY") != null) {
      assertThat(found).as(EnvoyBinary.MISSING).isPresent();
    }
    assumeTrue(found.isPresent(), EnvoyBinary.MISSING);
  }
}
