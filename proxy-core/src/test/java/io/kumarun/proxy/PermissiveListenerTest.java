package io.kumarun.proxy;

import static io.kumarun.proxy.ConfigFixture.cluster;
import static io.kumarun.proxy.ConfigFixture.freePort;
import static io.kumarun.proxy.ConfigFixture.listener;
import static io.kumarun.proxy.ConfigFixture.mesh;
import static io.kumarun.proxy.ConfigFixture.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.proxy.config.Address;
import io.kumarun.proxy.config.ClusterConfig;
import io.kumarun.proxy.config.ClusterConfig.Protocol;
import io.kumarun.proxy.config.FilterChainConfig;
import io.kumarun.proxy.config.FilterChainMatch;
import io.kumarun.proxy.config.FilterChainMatch.Transport;
import io.kumarun.proxy.config.ListenerConfig;
import io.kumarun.telemetry.ProxyMetrics;
import io.kumarun.tls.ServerTls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The three filter chains of a permissive inbound on one port, as Kuma sends them (contract §3.3):
 * cleartext, the application's own TLS, which is not opened, and the mesh's.
 */
class PermissiveListenerTest {
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final DataPlane proxy =
      SocketDataPlane.on(loops, new ProxyMetrics(), new LogCapture(), Duration.ofSeconds(3));
  private final int inbound = freePort();
  private final int outbound = freePort();
  private ServerSocket app;

  @BeforeEach
  void start() throws IOException {
    app = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(() -> echo(app));
    TestTls tls = new TestTls();
    ClusterConfig plain = cluster("mesh", Protocol.HTTP1, inbound);
    assertThat(
            proxy.apply(
                mesh(
                    List.of(permissive(tls.server()), listener("out", outbound, tcp("mesh"))),
                    new ClusterConfig(
                        plain.name(),
                        plain.statName(),
                        plain.protocol(),
                        plain.discovery(),
                        tls.client(),
                        plain.connectTimeout(),
                        plain.idleTimeout(),
                        plain.maxConnectionDuration(),
                        plain.maxStreamDuration(),
                        plain.limits(),
                        plain.endpoints()),
                    cluster("app", Protocol.HTTP1, app.getLocalPort()))))
        .isEmpty();
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    app.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private ListenerConfig permissive(ServerTls tls) {
    return new ListenerConfig(
        "in",
        new Address.Socket("127.0.0.1", inbound),
        ListenerConfig.Direction.INBOUND,
        true,
        true,
        List.of(
            chain("raw", Transport.RAW_BUFFER, List.of(), null),
            chain("own", Transport.TLS, List.of(), null),
            chain("mesh", Transport.TLS, List.of("kuma"), tls)),
        Map.of());
  }

  private static FilterChainConfig chain(
      String name, Transport transport, List<String> alpn, @Nullable ServerTls tls) {
    return new FilterChainConfig(
        name, new FilterChainMatch(0, List.of(), transport, alpn), tls, List.of(), tcp("app"));
  }

  private static void echo(ServerSocket server) {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual()
            .start(
                () -> {
                  try (socket;
                      InputStream in = socket.getInputStream();
                      OutputStream out = socket.getOutputStream()) {
                    in.transferTo(out);
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
      } catch (IOException e) {
        return;
      }
    }
  }

  private static byte[] exchange(int port, byte[] sent) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(sent);
      return socket.getInputStream().readNBytes(sent.length);
    }
  }

  private static byte[] clientHello() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, null, null);
    SSLEngine engine = context.createSSLEngine("app.example", 443);
    engine.setUseClientMode(true);
    ByteBuffer out = ByteBuffer.allocate(32 * 1024);
    engine.wrap(ByteBuffer.allocate(0), out);
    return Arrays.copyOf(out.array(), out.position());
  }

  @Test
  void cleartextTheApplicationsTlsAndMeshTlsShareOnePort() throws Exception {
    byte[] text = "hello".getBytes(StandardCharsets.US_ASCII);
    byte[] hello = clientHello();

    assertThat(exchange(inbound, text)).isEqualTo(text);
    assertThat(exchange(inbound, hello)).isEqualTo(hello);
    assertThat(exchange(outbound, text)).isEqualTo(text);
  }

  @Test
  void aHelloThatComesInPiecesReachesTheApplicationWhole() throws Exception {
    byte[] hello = clientHello();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), inbound)) {
      socket.setSoTimeout(10_000);
      socket.setTcpNoDelay(true);
      for (byte octet : hello) {
        socket.getOutputStream().write(octet);
        socket.getOutputStream().flush();
      }

      assertThat(socket.getInputStream().readNBytes(hello.length)).isEqualTo(hello);
    }
  }
}
