package io.kumarun.devmesh.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kumarun.devmesh.service.EchoTcpService;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TcpRelayTest {

  private static final int QUIET_MILLIS = 300;

  private final EchoTcpService service = EchoTcpService.start("echo");
  private final TcpRelay relay = TcpRelay.to(service.port());

  @AfterEach
  void close() {
    relay.close();
    service.close();
  }

  /** A line-wise caller. */
  private record Line(Socket socket, BufferedReader reader) implements AutoCloseable {
    static Line to(int port) throws IOException {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(5_000);
      return new Line(
          socket,
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)));
    }

    void say(String text) throws IOException {
      socket.getOutputStream().write((text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** The next line, or how the connection ended. */
    String hear() throws IOException {
      try {
        return String.valueOf(reader.readLine());
      } catch (SocketTimeoutException e) {
        return "silence";
      } catch (IOException e) {
        return "broken";
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  void passesAndCounts() throws Exception {
    try (Line line = Line.to(relay.port())) {
      String greeting = line.hear();
      line.say("hello");
      assertThat(line.hear()).isEqualTo("hello");
      assertThat(relay.accepted()).isEqualTo(1);
      assertThat(relay.bytesToClients()).isEqualTo(greeting.length() + 1 + "hello\n".length());
    }
    await().atMost(Duration.ofSeconds(5)).until(() -> relay.connections() == 0);
  }

  @Test
  void cutsWhatIsThereAndRefusesWhatComes() throws Exception {
    try (Line line = Line.to(relay.port())) {
      line.hear();
      relay.cut();
      assertThat(line.hear()).isIn("null", "broken");
    }
    relay.refuse();
    try (Line line = Line.to(relay.port())) {
      assertThat(line.hear()).isIn("null", "broken");
    }
    relay.restore();
    try (Line line = Line.to(relay.port())) {
      assertThat(line.hear()).isNotIn("null", "broken", "silence");
    }
  }

  @Test
  void swallowsUntilItIsRestored() throws Exception {
    try (Line line = Line.to(relay.port())) {
      line.hear();
      relay.swallow();
      line.say("hello");
      line.socket().setSoTimeout(QUIET_MILLIS);
      assertThat(line.hear()).isEqualTo("silence");

      relay.restore();
      line.socket().setSoTimeout(5_000);
      assertThat(line.hear()).isEqualTo("hello");
    }
  }

  @Test
  void cutsTheServersSideAndTellsTheClientNothing() throws Exception {
    try (Line line = Line.to(relay.port())) {
      line.hear();
      relay.cutServerSide();
      line.socket().setSoTimeout(QUIET_MILLIS);
      assertThat(line.hear()).isEqualTo("silence");

      line.socket().setSoTimeout(5_000);
      line.say("hello");
      assertThat(line.hear()).isIn("null", "broken");
    }
  }
}
