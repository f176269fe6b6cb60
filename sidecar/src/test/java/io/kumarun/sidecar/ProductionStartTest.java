package io.kumarun.sidecar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.kumarun.sidecar.settings.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A start with the real parts that cannot succeed: what the operator reads. */
@Timeout(60)
class ProductionStartTest {
  @TempDir Path folder;
  private final StringWriter err = new StringWriter();
  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void environment() throws IOException {
    environment.put("KUMA_READINESS_PORT", Integer.toString(SidecarTest.freePort()));
    environment.put("KUMA_DATAPLANE_RUNTIME_CONCURRENCY", "1");
    environment.put("KUMARUN_ACCESS_LOG", "off");
  }

  @Test
  void aResourceThatIsNoDataplaneIsNamedWithItsFile() throws IOException {
    Path file = Files.writeString(folder.resolve("dp.yaml"), "type: Mesh\nname: x\n");
    environment.put("KUMA_DATAPLANE_RUNTIME_RESOURCE_PATH", file.toString());

    assertThat(run()).isEqualTo(1);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .startsWith("kumarun: KUMA_DATAPLANE_RUNTIME_RESOURCE_PATH=" + file + ": ")
        .contains("\"Mesh\"");
  }

  @Test
  void aTokenFileWithoutATokenIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("token"), "\n");
    environment.put("KUMA_DATAPLANE_NAME", "backend-1");
    environment.put("KUMA_DATAPLANE_RUNTIME_TOKEN_PATH", file.toString());

    assertThat(run()).isEqualTo(1);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .startsWith("kumarun: KUMA_DATAPLANE_RUNTIME_TOKEN_PATH=" + file + ": expected");
  }

  @Test
  void aRefusalOfTheControlPlaneIsPassedOnWithoutAStackTrace() throws IOException {
    HttpServer controlPlane =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    controlPlane.createContext(
        "/bootstrap",
        exchange -> {
          byte[] body = "Invalid request. A dataplane token is required".getBytes(UTF_8);
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(422, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    controlPlane.start();
    try {
      environment.put("KUMA_DATAPLANE_NAME", "backend-1");
      environment.put(
          "KUMA_CONTROL_PLANE_URL", "http://127.0.0.1:" + controlPlane.getAddress().getPort());

      assertThat(run()).isEqualTo(1);
      assertThat(err.toString())
          .startsWith("kumarun: ")
          .contains("A dataplane token is required")
          .doesNotContain("\tat ");
    } finally {
      controlPlane.stop(0);
    }
  }

  @Test
  void aTokenFileIsReadAgainForEveryConnection() throws IOException {
    Path file = Files.writeString(folder.resolve("token"), "first\n");
    environment.put("KUMA_DATAPLANE_NAME", "backend-1");
    environment.put("KUMA_DATAPLANE_RUNTIME_TOKEN_PATH", file.toString());
    DataplaneToken token = new DataplaneToken(Settings.from(environment));

    assertThat(token.get()).isEqualTo("first");
    Files.writeString(file, "second");
    assertThat(token.get()).isEqualTo("second");
    Files.delete(file);
    assertThatThrownBy(token::get).hasMessageContaining("cannot be read");
  }

  private int run() {
    PrintWriter writer = new PrintWriter(err, true);
    return Main.run(new String[] {"run"}, environment, new ProductionParts(), writer, writer);
  }
}
