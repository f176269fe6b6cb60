package io.kumarun.devmesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumarun.devmesh.envoy.RealEnvoy;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DemoTest {

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);

  @Test
  void tellsOfAnAllowedAndADeniedCall() throws Exception {
    Path envoy = RealEnvoy.orSkip();

    try (Demo demo = Demo.start(DemoSidecars.ofEnvoy(envoy), out)) {
      demo.run();
    }

    assertThat(said.toString(StandardCharsets.UTF_8).lines())
        .anyMatch(line -> line.endsWith("200  backend saw spiffe://demo/frontend"))
        .anyMatch(line -> line.endsWith("403  the sidecar of backend said: RBAC: access denied"));
  }

  @Test
  void saysWhyASidecarDidNotComeUp() {
    assertThatThrownBy(() -> Demo.start(DemoSidecars.ofCommand(Path.of("/bin/false")), out))
        .isInstanceOf(DemoFailure.class)
        .hasMessageStartingWith("the sidecar of backend-1 ended; it said last:");
  }
}
