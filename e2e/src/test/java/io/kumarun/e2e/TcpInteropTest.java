package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.devmesh.scenario.Scenario;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** TCP through two sidecars of either kind, with both kinds of identity. */
@ParameterizedClass
@EnumSource(mode = Mode.MATCH_ANY, names = ".*PROTOCOLS")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TcpInteropTest {
  private static final int SOON_MILLIS = 10_000;
  private static final int MEBIBYTE = 1024 * 1024;

  private final ScriptedTcpApplication application = ScriptedTcpApplication.start();
  @Parameter Scenario scenario = Scenario.LEGACY_STRICT_PROTOCOLS;
  private MixedMesh mixed;

  @BeforeAll
  void start() {
    mixed = MixedMesh.start(scenario, Map.of("backend-tcp", application.port()));
  }

  @AfterAll
  void stop() {
    mixed.close();
    application.close();
  }

  @ParameterizedTest
  @EnumSource
  void manyBytesGoBothWaysAtOnceUnchanged(Way way) throws Exception {
    byte[] sent = new byte[8 * MEBIBYTE];
    new Random(2).nextBytes(sent);
    try (Socket socket = connect(way, 'e')) {
      CompletableFuture<Void> writing =
          CompletableFuture.runAsync(
              () -> {
                try {
                  socket.getOutputStream().write(sent);
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });

      byte[] back = new DataInputStream(socket.getInputStream()).readNBytes(sent.length);

      writing.join();
      assertThat(Arrays.equals(back, sent)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void manyShortConnectionsAreAllServed(Way way) throws Exception {
    for (int i = 0; i < 50; i++) {
      try (Socket socket = connect(way, 'e')) {
        byte[] message = ("number " + i).getBytes(StandardCharsets.US_ASCII);
        socket.getOutputStream().write(message);
        assertThat(socket.getInputStream().readNBytes(message.length)).isEqualTo(message);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anAnswerAfterTheCallersHalfCloseArrivesWhole(Way way) throws Exception {
    try (Socket socket = connect(way, 'a')) {
      socket.getOutputStream().write(new byte[100_000]);
      socket.shutdownOutput();

      byte[] answer = socket.getInputStream().readAllBytes();

      assertThat(answer).hasSize(100_000 + MEBIBYTE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCallerMaySendOnAfterTheApplicationsHalfClose(Way way) throws Exception {
    try (Socket socket = connect(way, 'h')) {
      assertThat(socket.getInputStream().readAllBytes()).asString().isEqualTo("that is all");

      socket.getOutputStream().write(new byte[MEBIBYTE]);
      socket.shutdownOutput();

      assertThat(application.receivedAfterHalfClose()).isEqualTo(MEBIBYTE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theCallerSeesTheEndWhenTheApplicationCloses(Way way) throws Exception {
    try (Socket socket = connect(way, 'c')) {
      assertThat(socket.getInputStream().readAllBytes()).asString().isEqualTo("bye");
    }
  }

  private Socket connect(Way way, char manner) throws IOException {
    var address = mixed.outbound(way, "backend-tcp");
    Socket socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout(SOON_MILLIS);
    socket.getOutputStream().write(manner);
    return socket;
  }
}
