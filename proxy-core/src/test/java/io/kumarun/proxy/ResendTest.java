package io.kumarun.proxy;

import static io.kumarun.proxy.ConfigFixture.allTo;
import static io.kumarun.proxy.ConfigFixture.cluster;
import static io.kumarun.proxy.ConfigFixture.freePort;
import static io.kumarun.proxy.ConfigFixture.http;
import static io.kumarun.proxy.ConfigFixture.listener;
import static io.kumarun.proxy.ConfigFixture.mesh;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kumarun.proxy.config.ClusterConfig.Protocol;
import io.kumarun.retry.ConnectionLimits;
import io.kumarun.telemetry.ProxyMetrics;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An endpoint that closes a pooled connection at the moment a request arrives on it. The test is
 * the endpoint, and closes when it has read the request: the race as it is lost, each time.
 */
@Timeout(60)
class ResendTest {
  private static final String RESPONSE = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  private static final String TERMINATED =
      "503 [UC] upstream_reset_before_response_started{connection_termination}";

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final LogCapture log = new LogCapture();
  private final ProxyMetrics metrics = new ProxyMetrics();
  private final DataPlane proxy = SocketDataPlane.on(loops, metrics, log, Duration.ofSeconds(3));
  private final int port = freePort();
  private final Socket caller = new Socket();
  private ServerSocket app;

  @BeforeEach
  void listen() throws IOException {
    app = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    app.setSoTimeout(10_000);
  }

  @AfterEach
  void stop() throws IOException {
    caller.close();
    app.close();
    proxy.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private void serve(Protocol protocol, ConnectionLimits limits) throws IOException {
    serve(protocol, limits, Duration.ZERO);
  }

  private void serve(Protocol protocol, ConnectionLimits limits, Duration timeout)
      throws IOException {
    assertThat(
            proxy.apply(
                mesh(
                    List.of(listener("out", port, http(allTo("app", timeout)))),
                    cluster("app", protocol, limits, app.getLocalPort()))))
        .isEmpty();
    caller.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    caller.setSoTimeout(10_000);
  }

  private void call(String text) throws IOException {
    caller.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String request(String method) {
    return method + " /path HTTP/1.1\r\nhost: a\r\nx-field: value\r\n\r\n";
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String readUntil(Socket socket, String wanted) throws IOException {
    StringBuilder seen = new StringBuilder();
    while (seen.indexOf(wanted) < 0) {
      int octet = socket.getInputStream().read();
      if (octet < 0) {
        throw new IOException("ended after " + seen);
      }
      seen.append((char) octet);
    }
    return seen.toString();
  }

  private Socket accept() throws IOException {
    Socket accepted = app.accept();
    accepted.setSoTimeout(10_000);
    return accepted;
  }

  private ScriptedHttp2Endpoint acceptHttp2() throws IOException {
    return new ScriptedHttp2Endpoint(accept());
  }

  /** A first exchange, after which the connection waits in the pool. */
  private Socket pooled() throws IOException {
    call(request("GET"));
    Socket upstream = accept();
    readUntil(upstream, "\r\n\r\n");
    write(upstream, RESPONSE);
    readUntil(caller, "ok");
    return upstream;
  }

  private ScriptedHttp2Endpoint pooledHttp2() throws IOException {
    call(request("GET"));
    ScriptedHttp2Endpoint upstream = acceptHttp2();
    upstream.answer(upstream.awaitRequest());
    readUntil(caller, "\r\n\r\n");
    return upstream;
  }

  private void assertLogged(int requests, String last) {
    await().untilAsserted(() -> assertThat(log.lines()).hasSize(requests));
    assertThat(log.lines().getLast()).contains(last);
  }

  private void assertCounted(String... counters) {
    String text = metrics.scrape();
    for (String counter : counters) {
      int space = counter.lastIndexOf(' ');
      assertThat(text)
          .contains(
              counter.substring(0, space)
                  + "{envoy_cluster_name=\"app\"}"
                  + counter.substring(space)
                  + "\n");
    }
  }

  private void assertNothingHeld() {
    assertCounted(
        "envoy_cluster_upstream_rq_active 0",
        "envoy_cluster_upstream_rq_pending_active 0",
        "envoy_cluster_circuit_breakers_default_remaining_rq 1024",
        "envoy_cluster_circuit_breakers_default_remaining_pending 1024",
        "envoy_cluster_circuit_breakers_default_remaining_retries 3");
  }

  private void assertNotResent() {
    assertCounted("kumarun_upstream_rq_resent_total 0", "envoy_cluster_upstream_rq_retry 0");
    assertNothingHeld();
  }

  @ParameterizedTest
  @CsvSource({"GET, false", "GET, true", "HEAD, false", "OPTIONS, true"})
  void aSafeRequestThatMetACloseGoesOutOnceMore(String method, boolean reset) throws Exception {
    serve(Protocol.HTTP1, ConnectionLimits.DEFAULT);
    Socket stale = pooled();
    call(request(method));
    String first = readUntil(stale, "\r\n\r\n");
    if (reset) {
      stale.setSoLinger(true, 0);
    }
    stale.close();

    try (Socket fresh = accept()) {
      String second = readUntil(fresh, "\r\n\r\n");
      write(fresh, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");

      assertThat(second).isEqualTo(first).startsWith(method + " /path").contains("x-field: value");
      assertThat(readUntil(caller, "\r\n\r\n")).contains("200 OK");
      assertLogged(2, "HTTP/1.1 200 [] via_upstream");
      assertCounted(
          "kumarun_upstream_rq_resent_total 1",
          "envoy_cluster_upstream_rq_retry 1",
          "envoy_cluster_upstream_rq_retry_success 1",
          "envoy_cluster_upstream_rq_total 3",
          "envoy_cluster_upstream_cx_total 2");
      assertNothingHeld();
    }
  }

  @Test
  void theSecondCloseIsTheAnswer() throws Exception {
    serve(Protocol.HTTP1, ConnectionLimits.DEFAULT);
    Socket stale = pooled();
    call(request("GET"));
    readUntil(stale, "\r\n\r\n");
    stale.close();
    Socket fresh = accept();
    readUntil(fresh, "\r\n\r\n");
    fresh.close();

    assertThat(readUntil(caller, "reset reason: connection termination")).contains("503");
    assertLogged(2, TERMINATED);
    assertCounted(
        "kumarun_upstream_rq_resent_total 1",
        "envoy_cluster_upstream_rq_retry_success 0",
        "envoy_cluster_upstream_cx_total 2");
    assertNothingHeld();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n",
        "DELETE / HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nbody"
      })
  void whatMayHaveHadAnEffectIsNotSentAgain(String request) throws Exception {
    serve(Protocol.HTTP1, ConnectionLimits.DEFAULT);
    Socket stale = pooled();
    call(request);
    readUntil(stale, request.endsWith("body") ? "body" : "\r\n\r\n");
    stale.close();

    assertThat(readUntil(caller, "connection termination")).contains("503");
    assertLogged(2, TERMINATED);
    assertNotResent();
  }

  @Test
  void aNewConnectionThatFailsIsNoRace() throws Exception {
    serve(Protocol.HTTP1, ConnectionLimits.DEFAULT);
    call(request("GET"));
    Socket upstream = accept();
    readUntil(upstream, "\r\n\r\n");
    upstream.close();

    assertThat(readUntil(caller, "connection termination")).contains("503");
    assertLogged(1, TERMINATED);
    assertNotResent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"H", "HTTP/1.1 2", "HTTP/1.1 100 Continue\r\n\r\n"})
  void nothingIsSentAgainOnceAByteCameBack(String beginning) throws Exception {
    serve(Protocol.HTTP1, ConnectionLimits.DEFAULT);
    Socket stale = pooled();
    call(request("GET"));
    readUntil(stale, "\r\n\r\n");
    write(stale, beginning);
    stale.close();

    assertThat(readUntil(caller, "connection termination")).contains("503");
    assertLogged(2, TERMINATED);
    assertNotResent();
  }

  @Test
  void theLimitsOfTheClusterSufficeForWhatReplacesTheLost() throws Exception {
    serve(Protocol.HTTP1, new ConnectionLimits(1, 1, 1, 1));
    Socket stale = pooled();
    call(request("GET"));
    readUntil(stale, "\r\n\r\n");
    stale.close();

    try (Socket fresh = accept()) {
      readUntil(fresh, "\r\n\r\n");
      write(fresh, RESPONSE);
      assertThat(readUntil(caller, "ok")).contains("200 OK");
    }
    assertCounted(
        "envoy_cluster_upstream_cx_overflow 0", "envoy_cluster_upstream_rq_pending_overflow 0");
  }

  @Test
  void theLimitOfRetriesHoldsForItToo() throws Exception {
    serve(Protocol.HTTP1, new ConnectionLimits(10, 10, 10, 0));
    Socket stale = pooled();
    call(request("GET"));
    readUntil(stale, "\r\n\r\n");
    stale.close();

    assertThat(readUntil(caller, "connection termination")).contains("503");
    assertLogged(2, TERMINATED);
    assertCounted(
        "kumarun_upstream_rq_resent_total 0", "envoy_cluster_upstream_rq_retry_overflow 1");
  }

  @Test
  void theTimeOutOfTheRouteRunsOn() throws Exception {
    serve(Protocol.HTTP1, ConnectionLimits.DEFAULT, Duration.ofSeconds(2));
    Socket stale = pooled();
    call(request("GET"));
    readUntil(stale, "\r\n\r\n");
    stale.close();

    try (Socket fresh = accept()) {
      readUntil(fresh, "\r\n\r\n");
      assertThat(readUntil(caller, "upstream request timeout")).contains("504");
      assertThat(fresh.getInputStream().read()).isEqualTo(-1);
    }
    assertLogged(2, "504 [UT] response_timeout");
    assertNothingHeld();
  }

  @Test
  void aGetThatMetTheEndOfAnHttp2ConnectionGoesOutOnceMore() throws Exception {
    serve(Protocol.HTTP2, ConnectionLimits.DEFAULT);
    ScriptedHttp2Endpoint stale = pooledHttp2();
    call(request("GET"));
    stale.awaitRequest();
    stale.close();

    try (ScriptedHttp2Endpoint fresh = acceptHttp2()) {
      fresh.answer(fresh.awaitRequest());
      assertThat(readUntil(caller, "\r\n\r\n")).contains("200 OK");
    }
    assertLogged(2, "200 [] via_upstream");
    assertCounted("kumarun_upstream_rq_resent_total 1", "envoy_cluster_upstream_cx_total 2");
    assertNothingHeld();
  }

  @Test
  void theSecondEndOfAnHttp2ConnectionIsTheAnswer() throws Exception {
    serve(Protocol.HTTP2, ConnectionLimits.DEFAULT);
    ScriptedHttp2Endpoint stale = pooledHttp2();
    call(request("GET"));
    stale.awaitRequest();
    stale.close();
    ScriptedHttp2Endpoint fresh = acceptHttp2();
    fresh.awaitRequest();
    fresh.close();

    assertThat(readUntil(caller, "connection termination")).contains("503");
    assertLogged(2, TERMINATED);
    assertNothingHeld();
  }

  @Test
  void aPostThatMetTheEndOfAnHttp2ConnectionIsNotSentAgain() throws Exception {
    serve(Protocol.HTTP2, ConnectionLimits.DEFAULT);
    ScriptedHttp2Endpoint stale = pooledHttp2();
    call("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n");
    stale.awaitRequest();
    stale.close();

    assertThat(readUntil(caller, "connection termination")).contains("503");
    assertLogged(2, TERMINATED);
    assertNotResent();
  }

  @Test
  void aPostThatAGoAwayExcludesGoesOutOnceMoreAndTheOldConnectionGetsNothing() throws Exception {
    serve(Protocol.HTTP2, ConnectionLimits.DEFAULT);
    ScriptedHttp2Endpoint stale = pooledHttp2();
    call("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n");
    int excluded = stale.awaitRequest();
    stale.goAway(excluded - 2);

    try (ScriptedHttp2Endpoint fresh = acceptHttp2()) {
      fresh.answer(fresh.awaitRequest());
      assertThat(readUntil(caller, "\r\n\r\n")).contains("200 OK");
      call(request("GET"));
      fresh.answer(fresh.awaitRequest());
      assertThat(readUntil(caller, "\r\n\r\n")).contains("200 OK");
      assertThat(stale.requestsUntilEnd()).isZero();
    }
    assertLogged(3, "200 [] via_upstream");
    assertCounted("kumarun_upstream_rq_resent_total 1", "envoy_cluster_upstream_cx_total 2");
  }

  @Test
  void aPostRefusedBeforeItsBodyCameGoesOutOnceMore() throws Exception {
    serve(Protocol.HTTP2, ConnectionLimits.DEFAULT);
    ScriptedHttp2Endpoint stale = pooledHttp2();
    call("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n");
    stale.reset(stale.awaitRequest(), ScriptedHttp2Endpoint.REFUSED_STREAM);

    try (ScriptedHttp2Endpoint fresh = acceptHttp2()) {
      int id = fresh.awaitRequest();
      call("body");
      assertThat(fresh.awaitData()).isEqualTo("body");
      fresh.answer(id);
      assertThat(readUntil(caller, "\r\n\r\n")).contains("200 OK");
    }
    assertCounted("kumarun_upstream_rq_resent_total 1");
  }

  @Test
  void aPostRefusedAfterItsBodyWentUpIsNotSentAgain() throws Exception {
    serve(Protocol.HTTP2, ConnectionLimits.DEFAULT);
    ScriptedHttp2Endpoint stale = pooledHttp2();
    call("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 8\r\n\r\nbody");
    int id = stale.awaitRequest();
    assertThat(stale.awaitData()).isEqualTo("body");
    stale.reset(id, ScriptedHttp2Endpoint.REFUSED_STREAM);

    assertThat(readUntil(caller, "remote refused stream reset")).contains("503");
    assertLogged(2, "503 [UR]");
    assertNotResent();
  }

  @Test
  void aResetThatRefusesNothingIsTheAnswer() throws Exception {
    serve(Protocol.HTTP2, ConnectionLimits.DEFAULT);
    ScriptedHttp2Endpoint stale = pooledHttp2();
    call(request("GET"));
    stale.reset(stale.awaitRequest(), ScriptedHttp2Endpoint.INTERNAL_ERROR);

    assertThat(readUntil(caller, "remote reset")).contains("503");
    assertLogged(2, "503 [UR]");
    assertNotResent();
  }
}
