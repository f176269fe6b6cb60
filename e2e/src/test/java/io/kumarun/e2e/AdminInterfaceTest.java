package io.kumarun.e2e;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.authority.IssuedCertificate;
import io.kumarun.devmesh.authority.Validity;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Topology;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The control plane looks into a sidecar through its admin listener, and nobody else does. */
@Timeout(60)
class AdminInterfaceTest {
  private static final int TIMEOUT_MILLIS = 10_000;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"epoll", "nio"})
  void theControlPlaneSeesEverythingButSecretsAndNobodyElseSeesAnything(String transport)
      throws IOException {
    Path socket = folder.resolve("kuma-envoy-admin.sock");
    leaveStaleSocket(socket);
    Dataplane dataplane = Dataplane.ofRole("backend").withWorkdir(folder);
    try (DevMesh mesh =
        DevMesh.start(Scenario.LEGACY_STRICT_HTTP, Topology.of("demo", dataplane))) {
      String token = mesh.token(dataplane);
      try (Proxy.Kumarun sidecar =
          Proxy.Kumarun.start(
              mesh,
              dataplane,
              Map.of(
                  "KUMA_DATAPLANE_RUNTIME_TOKEN",
                  token,
                  "KUMA_DATAPLANE_RUNTIME_WORK_DIR",
                  folder.toString(),
                  "KUMA_DATAPLANE_RUNTIME_CONCURRENCY",
                  "1",
                  "KUMARUN_TRANSPORT",
                  transport))) {
        IssuedCertificate controlPlane = mesh.controlPlane().identity().adminClient();
        assertEverythingIsShown(dataplane, controlPlane, token);
        assertNobodyElseIsLetIn(mesh, dataplane);
        assertHostileRequestsAreAnswered(dataplane, controlPlane);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
            .isEqualTo("rw-------");
        assertThat(sidecar.sidecar().isReady()).isTrue();
      }
      assertThat(socket).doesNotExist();
    }
  }

  private static void leaveStaleSocket(Path socket) throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(socket).exists();
  }

  private static void assertEverythingIsShown(
      Dataplane dataplane, IssuedCertificate controlPlane, String token) throws IOException {
    String dump = get(dataplane, controlPlane, "/config_dump?include_eds=true");
    assertThat(dump).startsWith("HTTP/1.1 200 ");
    assertThat(dump)
        .doesNotContain(token, "PRIVATE KEY", base64("-----BEGIN PRIVATE KEY-").substring(0, 28))
        .contains("[redacted]", base64("[redacted]"));
    TreeSet<String> types = new TreeSet<>();
    JsonNode configs = new ObjectMapper().readTree(body(dump)).path("configs");
    configs.forEach(
        each -> types.add(each.path("@type").asText().replaceAll(".*\\.|ConfigDump", "")));
    assertThat(types)
        .containsExactly(
            "Bootstrap", "Clusters", "Endpoints", "Listeners", "Routes", "ScopedRoutes", "Secrets");
    assertThat(get(dataplane, controlPlane, "/stats"))
        .contains("\ncluster.kuma_envoy_admin.upstream_rq_total: ");
    assertThat(get(dataplane, controlPlane, "/stats?format=json&usedonly=")).contains("{\"stats\"");
    assertThat(get(dataplane, controlPlane, "/clusters"))
        .contains("::default_priority::max_connections::1024\n", "::health_flags::healthy\n");
    assertThat(get(dataplane, controlPlane, "/certs"))
        .contains("\"uri\": \"spiffe://demo/backend\"");
    assertThat(get(dataplane, controlPlane, "/server_info")).contains("\"state\": \"LIVE\"");
    assertThat(get(dataplane, controlPlane, "/ready")).endsWith("READY");
    assertThat(get(dataplane, controlPlane, "/")).contains("spiffe://demo/backend", "Listeners");
  }

  private static void assertNobodyElseIsLetIn(DevMesh mesh, Dataplane dataplane)
      throws IOException {
    Validity validity = Validity.lasting(Instant.now(), Duration.ofHours(1));
    var adminAuthority = mesh.controlPlane().identity().adminAuthority();
    assertThat(get(dataplane, null, "/stats")).as("no certificate").isEmpty();
    assertThat(get(dataplane, mesh.authority().issue(List.of("spiffe://demo/kuma-cp")), "/stats"))
        .as("of the mesh")
        .isEmpty();
    assertThat(
            get(
                dataplane,
                adminAuthority.issueForHosts(List.of("kuma-dp"), List.of(), validity),
                "/stats"))
        .as("another name")
        .isEmpty();
    assertThat(
            get(
                dataplane,
                mesh.controlPlane()
                    .identity()
                    .authority()
                    .issueForHosts(List.of("kuma-cp"), List.of(), validity),
                "/stats"))
        .as("another authority")
        .isEmpty();
    assertThat(plain(dataplane, "/ready")).startsWith("HTTP/1.1 200 ").endsWith("READY");
    assertThat(plain(dataplane, "/stats")).startsWith("HTTP/1.1 404 ");
  }

  private static void assertHostileRequestsAreAnswered(
      Dataplane dataplane, IssuedCertificate controlPlane) throws IOException {
    assertThat(exchange(tls(dataplane, controlPlane), request("PUT", "/stats")))
        .startsWith("HTTP/1.1 405 ");
    assertThat(get(dataplane, controlPlane, "/quitquitquit")).startsWith("HTTP/1.1 404 ");
    assertThat(get(dataplane, controlPlane, "/stats?filter=(")).startsWith("HTTP/1.1 400 ");
    assertThat(get(dataplane, controlPlane, "/" + "a".repeat(20_000))).startsWith("HTTP/1.1 4");
    String pipelined =
        exchange(
            tls(dataplane, controlPlane),
            "GET /help HTTP/1.1\r\nhost: a\r\n\r\n".repeat(20) + request("GET", "/help"));
    assertThat(pipelined.split("HTTP/1.1 200 ", -1)).hasSize(22);
  }

  private static String get(Dataplane dataplane, @Nullable IssuedCertificate shown, String path)
      throws IOException {
    return exchange(tls(dataplane, shown), request("GET", path));
  }

  private static String plain(Dataplane dataplane, String path) throws IOException {
    Socket socket = new Socket();
    socket.connect(
        new InetSocketAddress(dataplane.address(), dataplane.adminPort()), TIMEOUT_MILLIS);
    return exchange(socket, request("GET", path));
  }

  private static SSLSocket tls(Dataplane dataplane, @Nullable IssuedCertificate shown)
      throws IOException {
    return (SSLSocket)
        RefusalTls.context(shown)
            .getSocketFactory()
            .createSocket(dataplane.address(), dataplane.adminPort());
  }

  private static String request(String method, String path) {
    return method + " " + path + " HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
  }

  /** All that comes back; empty: the connection was refused. */
  private static String exchange(Socket socket, String request) throws IOException {
    try (socket) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.getOutputStream().write(request.getBytes(US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    } catch (SSLException | SocketException e) {
      return "";
    }
  }

  /** Without the chunks it came in. */
  private static String body(String response) {
    String rest = response.substring(response.indexOf("\r\n\r\n") + 4);
    if (!response.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")) {
      return rest;
    }
    StringBuilder body = new StringBuilder();
    for (int at = 0; ; ) {
      int line = rest.indexOf("\r\n", at);
      int length = Integer.parseInt(rest.substring(at, line), 16);
      if (length == 0) {
        return body.toString();
      }
      body.append(rest, line + 2, line + 2 + length);
      at = line + 2 + length + 2;
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }
}
