package io.kumarun.sidecar.dataplane;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.kumarun.kuma.DataplaneResource;
import io.kumarun.sidecar.settings.CommandLineFlags;
import io.kumarun.sidecar.settings.Settings;
import io.kumarun.sidecar.settings.StartupException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DataplaneSourceTest {
  private static final String ENDLESS = "endless";

  private final Map<String, String> metadata = new ConcurrentHashMap<>();
  private final AtomicInteger failures = new AtomicInteger();
  private final Map<String, String> environment = new HashMap<>();
  private HttpServer server;

  @BeforeEach
  void startMetadataServer() throws IOException {
    metadata.put("instance/id", "00bf4bf02d1e");
    metadata.put("project/numeric-project-id", "123456789012");
    metadata.put("instance/region", "projects/123456789012/regions/europe-west1");
    metadata.put("instance/network-interfaces/0/ip", "10.8.0.7");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/computeMetadata/v1/",
        exchange -> {
          String path =
              exchange.getRequestURI().getPath().substring("/computeMetadata/v1/".length());
          boolean asked = "Google".equals(exchange.getRequestHeaders().getFirst("Metadata-Flavor"));
          if (metadata.getOrDefault(path, "").equals(ENDLESS)) {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('1');
            exchange.getResponseBody().flush();
            return; // and never ends
          }
          boolean known = asked && metadata.containsKey(path) && failures.getAndDecrement() <= 0;
          byte[] body = metadata.getOrDefault(path, "").getBytes(UTF_8);
          exchange.sendResponseHeaders(known ? 200 : 503, body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    environment.put("GCE_METADATA_HOST", "127.0.0.1:" + server.getAddress().getPort());
  }

  @AfterEach
  void stopMetadataServer() {
    server.stop(0);
  }

  @Test
  void aServiceNeedsNoDataplane() throws IOException {
    environment.putAll(
        Map.of("K_SERVICE", "orders", "K_REVISION", "orders-00007-xyz", "PORT", "8080"));
    environment.put("KUMARUN_APP_PORT", "8081");
    environment.put("KUMARUN_OUTBOUNDS", "10001=backend:80,10002=kuma.io/service=old");

    JsonNode dataplane = derived();

    assertThat(dataplane.path("type").asText()).isEqualTo("Dataplane");
    assertThat(dataplane.path("mesh").asText()).isEqualTo("default");
    assertThat(dataplane.path("name").asText()).matches("orders-[0-9a-f]{10}");
    assertThat(dataplane.path("labels"))
        .isEqualTo(
            json(
                """
                {"kuma.io/workload": "orders", "cloudrun-service": "orders",
                 "cloudrun-project-number": "123456789012", "cloudrun-region": "europe-west1",
                 "cloudrun-revision": "orders-00007-xyz"}\
                """));
    assertThat(dataplane.path("networking"))
        .isEqualTo(
            json(
                """
                {"address": "203.0.113.1",
                 "inbound": [{"port": 8081, "servicePort": 8081, "serviceAddress": "127.0.0.1",
                   "tags": {"kuma.io/service": "orders", "kuma.io/protocol": "http",
                     "cloudrun-service": "orders", "cloudrun-project-number": "123456789012",
                     "cloudrun-region": "europe-west1"}}],
                 "outbound": [
                   {"address": "127.0.0.1", "port": 10001,
                    "backendRef": {"kind": "MeshService", "name": "backend", "port": 80}},
                   {"address": "127.0.0.1", "port": 10002,
                    "tags": {"kuma.io/service": "old"}}]}\
                """));
  }

  @Test
  void inKuma3AnInboundHasAProtocolAndNoTags() throws IOException {
    environment.putAll(Map.of("K_SERVICE", "orders", "PORT", "8080", "KUMARUN_KUMA", "3"));
    environment.putAll(Map.of("KUMARUN_APP_PORT", "9000", "KUMARUN_APP_PROTOCOL", "grpc"));
    environment.put("KUMARUN_INBOUND_PORT", "80");

    assertThat(derived().path("networking").path("inbound"))
        .isEqualTo(
            json(
                """
                [{"port": 80, "servicePort": 9000, "serviceAddress": "127.0.0.1",
                  "protocol": "grpc"}]\
                """));
  }

  @Test
  void withoutAPortOfTheApplicationADataplaneOnlySends() throws IOException {
    environment.putAll(Map.of("K_SERVICE", "orders", "KUMA_DATAPLANE_MESH", "m"));
    JsonNode dataplane = derived();
    assertThat(dataplane.path("mesh").asText()).isEqualTo("m");
    assertThat(dataplane.path("networking")).isEqualTo(json("{\"address\": \"203.0.113.1\"}"));
  }

  @Test
  void aWorkerPoolIsReachedAtTheAddressOfItsInstance() throws IOException {
    environment.put("CLOUD_RUN_WORKER_POOL", "pool");
    assertThat(derived().path("networking").path("address").asText()).isEqualTo("10.8.0.7");
    environment.put("KUMARUN_ADDRESS", "connector.example");
    assertThat(derived().path("networking").path("address").asText())
        .isEqualTo("connector.example");
  }

  @Test
  void everyInstanceAndEveryTaskHasANameOfItsOwn() throws IOException {
    environment.putAll(Map.of("CLOUD_RUN_JOB", "job", "CLOUD_RUN_EXECUTION", "job-x"));
    environment.put("CLOUD_RUN_TASK_INDEX", "0");
    String first = derived().path("name").asText();
    assertThat(derived().path("name").asText()).isEqualTo(first);
    environment.put("CLOUD_RUN_TASK_INDEX", "1");
    String second = derived().path("name").asText();
    metadata.put("instance/id", "another");
    String third = derived().path("name").asText();
    assertThat(List.of(first, second, third)).doesNotHaveDuplicates();
  }

  @Test
  void namesAndLabelsAreValidWhateverThePlatformSays() throws IOException {
    String odd = "_Ünder.score-" + "x".repeat(100) + "-";
    environment.putAll(Map.of("CLOUD_RUN_WORKER_POOL", odd));
    metadata.put("instance/region", "projects/1/regions/---");
    JsonNode dataplane = derived();
    assertThat(dataplane.path("name").asText()).matches("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])");
    assertThat(dataplane.path("labels").properties())
        .isNotEmpty()
        .allSatisfy(
            label ->
                assertThat(label.getValue().asText())
                    .matches("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"));
    assertThat(dataplane.path("labels").has("cloudrun-region")).isFalse();
  }

  @Test
  void anAnswerThatIsOfAnotherKindOrTooLongIsNone() throws IOException {
    environment.putAll(Map.of("CLOUD_RUN_WORKER_POOL", "pool", "HOSTNAME", "one"));
    metadata.put("instance/id", "1".repeat(2000));
    metadata.put("project/numeric-project-id", "two");
    metadata.put("instance/network-interfaces/0/ip", "<html>Welcome</html>");
    JsonNode dataplane = derived();
    assertThat(dataplane.path("networking").path("address").asText()).isEqualTo("203.0.113.1");
    assertThat(dataplane.path("labels").has("cloudrun-project-number")).isFalse();
    assertThat(dataplane.path("labels").path("cloudrun-region").asText()).isEqualTo("europe-west1");
    metadata.remove("instance/id");
    assertThat(derived().path("name").asText()).isEqualTo(dataplane.path("name").asText());
  }

  @Test
  void anAnswerWithoutAnEndIsNone() {
    metadata.put("project/numeric-project-id", ENDLESS);
    MetadataServer server =
        new MetadataServer(environment.get("GCE_METADATA_HOST"), Duration.ofMillis(100));
    assertThat(server.facts(false).projectNumber()).isNull();
  }

  @Test
  void labelsThatAreGivenWinOverDerivedOnes() throws IOException {
    environment.putAll(Map.of("K_SERVICE", "orders", "KUMARUN_LABELS", "cloudrun-region=r,a=b"));
    assertThat(derived().path("labels").path("cloudrun-region").asText()).isEqualTo("r");
    assertThat(derived().path("labels").path("a").asText()).isEqualTo("b");
  }

  @Test
  void aQuestionThatFailsOnceIsAskedAgain() throws IOException {
    environment.put("K_SERVICE", "orders");
    failures.set(1);
    assertThat(derived().path("labels").path("cloudrun-region").asText()).isEqualTo("europe-west1");
  }

  @Test
  void withoutAMetadataServerTheHostNameMakesTheNameUnique() throws IOException {
    server.stop(0);
    environment.putAll(Map.of("K_SERVICE", "orders", "HOSTNAME", "one"));
    String one = derived().path("name").asText();
    environment.put("HOSTNAME", "two");
    assertThat(derived().path("name").asText()).startsWith("orders-").isNotEqualTo(one);
    environment.put("HOSTNAME", "localhost");
    assertThat(derived().path("name").asText()).isNotEqualTo(derived().path("name").asText());
  }

  @Test
  void aTemplateOnStandardInputIsFilled() throws IOException {
    Settings settings =
        Settings.from(
            Map.of("KUMA_DATAPLANE_RUNTIME_RESOURCE_PATH", "-"),
            new CommandLineFlags(Map.of("--dataplane-var", List.of("name=backend-7"))));
    DataplaneResource dataplane =
        source("type: Dataplane\nmesh: m\nname: {{ name }}\nnetworking: {address: 10.0.0.1}\n")
            .find(settings);
    assertThat(dataplane.mesh()).isEqualTo("m");
    assertThat(dataplane.name()).isEqualTo("backend-7");
  }

  @Test
  void aDataplaneThatIsMadeBeforehandIsOnlyNamed() {
    Settings settings =
        Settings.from(Map.of("KUMA_DATAPLANE_NAME", "backend-1", "KUMA_DATAPLANE_MESH", "m"));
    assertThat(source("").find(settings)).isEqualTo(new DataplaneResource("m", "backend-1", null));
  }

  @Test
  void anEmptyNameInTheResourceIsSaidWithTheSetting() {
    Settings settings =
        Settings.from(
            Map.of("KUMA_DATAPLANE_RUNTIME_RESOURCE", "type: Dataplane\nname: \"{{ name }}\""));
    assertThatThrownBy(() -> source("").find(settings))
        .isInstanceOf(StartupException.class)
        .hasMessage("KUMA_DATAPLANE_RUNTIME_RESOURCE: Dataplane without a name");
  }

  private JsonNode derived() throws IOException {
    DataplaneResource dataplane = source("").find(Settings.from(environment));
    return json(String.valueOf(dataplane.json()));
  }

  private static DataplaneSource source(String input) {
    return new DataplaneSource(new ByteArrayInputStream(input.getBytes(UTF_8)));
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text);
  }
}
