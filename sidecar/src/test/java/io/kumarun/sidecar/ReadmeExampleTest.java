package io.kumarun.sidecar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The Dataplane that the README derives is the one that is derived. */
@Timeout(30)
class ReadmeExampleTest {
  private static final Map<String, String> METADATA =
      Map.of(
          "/computeMetadata/v1/instance/id", "00bf4bf02d1e9a4f",
          "/computeMetadata/v1/project/numeric-project-id", "123456789012",
          "/computeMetadata/v1/instance/region", "projects/123456789012/regions/europe-west1");
  private static final Pattern EXAMPLE =
      Pattern.compile("```\n\\$ ([^`]*?)bin/kumarun dataplane\n(.*?)```", Pattern.DOTALL);

  @Test
  void theExampleIsTrue() throws IOException {
    Matcher example = EXAMPLE.matcher(Files.readString(Path.of("..", "README.md")));
    assertThat(example.find()).isTrue();
    Map<String, String> environment = new HashMap<>();
    for (String variable : example.group(1).replace("\\", "").strip().split("\\s+", -1)) {
      environment.put(
          variable.substring(0, variable.indexOf('=')),
          variable.substring(variable.indexOf('=') + 1));
    }
    HttpServer metadata =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    metadata.createContext(
        "/",
        exchange -> {
          byte[] body =
              METADATA.getOrDefault(exchange.getRequestURI().getPath(), "").getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    metadata.start();
    try {
      environment.put("GCE_METADATA_HOST", "127.0.0.1:" + metadata.getAddress().getPort());
      StringWriter out = new StringWriter();
      PrintWriter writer = new PrintWriter(out, true);
      Main.run(new String[] {"dataplane"}, environment, new FakeParts(), writer, writer);
      assertThat(out.toString()).isEqualTo(example.group(2));
    } finally {
      metadata.stop(0);
    }
  }
}
