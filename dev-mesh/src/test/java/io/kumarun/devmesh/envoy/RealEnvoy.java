package io.kumarun.devmesh.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Optional;

/** The Envoy for a test, which is skipped where there is none, unless one is demanded. */
public final class RealEnvoy {

  private RealEnvoy() {}

  /** The executable; skips the test, or fails it if {@code KUMARUN_REQUIRE_ENVOY} is set. */
  public static Path orSkip() {
    Optional<Path> found = EnvoyBinary.find(System.getenv("KUMARUN_ENVOY"));
    if (System.getenv("KUMARUN_REQUIRE_ENVOY") != null) {
      assertThat(found).as(EnvoyBinary.MISSING).isPresent();
    }
    assumeTrue(found.isPresent(), EnvoyBinary.MISSING);
    return found.orElseThrow();
  }
}
