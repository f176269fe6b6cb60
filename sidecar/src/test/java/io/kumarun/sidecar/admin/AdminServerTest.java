package io.kumarun.sidecar.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumarun.kuma.inspect.Inventory;
import io.kumarun.telemetry.ProxyMetrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class AdminServerTest {
  private static final String LAST = "GET /ready HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

  @TempDir private Path folder;
  private final AdminServer server = new AdminServer();
  private final AdminPages pages = AdminPages.ofEnvoy(new Source());
  private int port;

  @BeforeEach
  void listen() throws IOException {
    port = server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), pages);
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void aSocketIsForItsUserOnlyReplacesAStaleOneAndGoes() throws IOException {
    Path socket = folder.resolve("admin.sock");
    try (ServerSocketChannel stale = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      stale.bind(UnixDomainSocketAddress.of(socket));
    }

    server.listen(socket, pages);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-------");
    assertThat(folder).isDirectoryNotContaining(file -> !file.equals(socket));
    try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      client.write(ByteBuffer.wrap(LAST.getBytes(US_ASCII)));
      ByteBuffer answer = ByteBuffer.allocate(4096);
      while (client.read(answer) >= 0) {
        assertThat(answer.hasRemaining()).isTrue();
      }
      assertThat(new String(answer.array(), 0, answer.position(), US_ASCII))
          .startsWith("HTTP/1.1 200 ")
          .endsWith("LIVE\n");
    }
    server.close();
    assertThat(socket).doesNotExist();
  }

  @Test
  void aFileThatIsNoSocketIsLeftAlone() throws IOException {
    Path file = Files.writeString(folder.resolve("precious"), "x");

    assertThatThrownBy(() -> server.listen(file, pages)).isInstanceOf(IOException.class);

    assertThat(file).hasContent("x");
  }

  @Test
  void aPathThatIsTooLongForASocketIsRefused() {
    assertThatThrownBy(() -> server.listen(folder.resolve("a".repeat(120)), pages))
        .isInstanceOf(IOException.class);
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrderOneByOne() throws IOException {
    String requests = "GET /ready HTTP/1.1\r\nhost: a\r\n\r\n".repeat(100) + LAST;

    assertThat(exchange(requests).split("LIVE\n", -1)).hasSize(102);
  }

  @Test
  void aBodyIsReadAndForgottenUpToALimit() throws IOException {
    try (Socket socket = connect()) {
      socket
          .getOutputStream()
          .write("POST /ready HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\n".getBytes(US_ASCII));
      socket.getOutputStream().write(("abc" + LAST).getBytes(US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII))
          .startsWith("HTTP/1.1 405 ")
          .contains("HTTP/1.1 200 ");
    }
    String chunk = "8000\r\n" + "x".repeat(0x8000) + "\r\n";
    assertThat(
            exchange(
                "POST /ready HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
                    + chunk.repeat(3)))
        .startsWith("HTTP/1.1 413 ");
  }

  @Test
  void whatIsNoRequestEndsTheConnection() throws IOException {
    assertThat(exchange("\u0016\u0003\u0001 hello\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    assertThat(exchange("GET /" + "a".repeat(20_000) + " HTTP/1.1\r\nhost: a\r\n\r\n"))
        .startsWith("HTTP/1.1 414 ");
    assertThat(exchange("GET / HTTP/1.1\r\na: " + "b".repeat(20_000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 431 ");
    assertThat(exchange("GET /%zz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
  }

  @Test
  void headHasNoBodyAndHttp10NoChunks() throws IOException {
    assertThat(exchange("HEAD /help HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 200 ")
        .endsWith("\r\n\r\n");
    assertThat(exchange("GET /stats HTTP/1.0\r\n\r\n"))
        .doesNotContain("transfer-encoding")
        .contains("connection: close");
  }

  private String exchange(String requests) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(requests.getBytes(US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static final class Source implements AdminSource {
    private final ProxyMetrics metrics = new ProxyMetrics();

    @Override
    public ServerState state() {
      return ServerState.LIVE;
    }

    @Override
    public TrafficStatus traffic() {
      return TrafficStatus.NONE;
    }

    @Override
    public Inventory inventory() {
      return Inventory.EMPTY;
    }

    @Override
    public ProxyMetrics metrics() {
      return metrics;
    }

    @Override
    public String version() {
      return "1";
    }

    @Override
    public long uptimeSeconds() {
      return 1;
    }

    @Override
    public int eventLoops() {
      return 1;
    }
  }
}
