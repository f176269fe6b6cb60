package io.kumarun.proxy;

import static io.kumarun.proxy.ConfigFixture.allTo;
import static io.kumarun.proxy.ConfigFixture.freePort;
import static io.kumarun.proxy.ConfigFixture.listener;
import static io.kumarun.proxy.ConfigFixture.mesh;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kumarun.proxy.config.HttpConnectionConfig;
import io.kumarun.proxy.config.HttpConnectionConfig.ForwardClientCert;
import io.kumarun.telemetry.ProxyMetrics;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A request whose head never ends, as Envoy 1.40 answers and logs it. */
@Timeout(60)
class HeadTimeoutTest {
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final LogCapture log = new LogCapture();
  private final ProxyMetrics metrics = new ProxyMetrics();
  private final DataPlane proxy = SocketDataPlane.on(loops, metrics, log, Duration.ofSeconds(3));

  @AfterEach
  void stop() {
    proxy.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GE", "\r\n", "GET / HTTP/1.1\r\n", "HEAD / HTTP/1.1\r\nhost: a\r\n"})
  void anUnfinishedHeadIsAnsweredAndTheConnectionEnds(String beginning) throws Exception {
    int port = freePort();
    HttpConnectionConfig impatient =
        new HttpConnectionConfig(
            "test",
            ForwardClientCert.SANITIZE,
            Duration.ZERO,
            Duration.ofMillis(100),
            Duration.ZERO,
            false,
            List.of(),
            List.of(),
            allTo("app"));
    assertThat(proxy.apply(mesh(List.of(listener("in", port, impatient))))).isEmpty();
    try (Socket caller = new Socket(InetAddress.getLoopbackAddress(), port)) {
      caller.setSoTimeout(10_000);
      caller.getOutputStream().write(beginning.getBytes(StandardCharsets.US_ASCII));

      assertThat(
              new String(caller.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                  .split("\r\n"))
          .startsWith("HTTP/1.1 408 Request Timeout")
          .contains(
              "content-length: 22",
              "content-type: text/plain",
              "server: envoy",
              "connection: close")
          .endsWith("", "request header timeout");
    }
    await().untilAsserted(() -> assertThat(log.lines()).hasSize(1));
    assertThat(log.lines().getFirst())
        .isEqualTo("HTTP/1.1 408 [] request_header_timeout in 0 out 22");
    String prefix = "{envoy_http_conn_manager_prefix=\"test\"}";
    assertThat(metrics.scrape())
        .contains("envoy_http_downstream_rq_header_timeout" + prefix + " 1\n")
        .contains("envoy_http_downstream_rq_total" + prefix + " 1\n")
        .contains("envoy_http_downstream_rq_active" + prefix + " 0\n");
  }
}
