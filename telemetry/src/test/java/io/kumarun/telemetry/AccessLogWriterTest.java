package io.kumarun.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AccessLogWriterTest {
  private static final ThreadFactory DAEMON = Thread.ofPlatform().daemon().factory();
  private static final EnvoyAccessLogFormat PATHS = EnvoyAccessLogFormat.parse("%REQ(:PATH)%\n");

  private final ProxyMetrics metrics = new ProxyMetrics();

  @Test
  void aLineIsWrittenWithoutAnybodyClosingTheLog() {
    Sink sink = new Sink();
    try (AccessLogWriter log = new AccessLogWriter(PATHS, sink, DAEMON, metrics)) {
      log.log(request("/a"));
      await().until(() -> sink.text().equals("/a\n"));
      log.log(request("/b"));
      await().until(() -> sink.text().equals("/a\n/b\n"));
    }
  }

  @Test
  void closingWritesWhatIsLeftAndClosesTheSink() {
    Sink sink = new Sink();
    AccessLogWriter log = new AccessLogWriter(PATHS, sink, DAEMON, metrics);
    for (int i = 0; i < 1_000; i++) {
      log.log(request("/" + i));
    }
    log.close();
    assertThat(sink.text().lines()).hasSize(1_000).startsWith("/0").endsWith("/999");
    assertThat(sink.closed).isTrue();
  }

  @Test
  void linesOfSeveralThreadsStayWholeAndInTheOrderOfTheirThread() throws Exception {
    Sink sink = new Sink();
    AccessLogWriter log = new AccessLogWriter(PATHS, sink, DAEMON, metrics, 1 << 20);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      String name = "/thread-" + t + "-";
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < 5_000; i++) {
                      log.log(request(name + i));
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    log.close();
    List<String> lines = sink.text().lines().toList();
    assertThat(lines).hasSize(20_000);
    for (int t = 0; t < 4; t++) {
      String name = "/thread-" + t + "-";
      List<String> ofThread = lines.stream().filter(line -> line.startsWith(name)).toList();
      assertThat(ofThread).hasSize(5_000);
      for (int i = 0; i < 5_000; i++) {
        assertThat(ofThread.get(i)).isEqualTo(name + i);
      }
    }
  }

  @Test
  void aSinkThatHangsHoldsUpNobodyAndWhatFindsNoRoomIsCounted() {
    CountDownLatch release = new CountDownLatch(1);
    Sink sink = new Sink();
    sink.hangUntil = release;
    AccessLogWriter log = new AccessLogWriter(PATHS, sink, DAEMON, metrics, 1024);
    for (int i = 0; i < 10_000; i++) {
      log.log(request("/0123456"));
    }
    release.countDown();
    log.close();
    long written = sink.text().lines().count();
    assertThat(written).isBetween(1L, 10_000L);
    assertThat(sink.text().lines()).allMatch("/0123456"::equals);
    assertThat(metrics.scrape().lines())
        .contains("kumarun_access_log_dropped_total{} " + (10_000 - written));
  }

  @Test
  void aSinkThatFailsIsTriedAgain() {
    Sink sink = new Sink();
    sink.failures = 1;
    try (AccessLogWriter log = new AccessLogWriter(PATHS, sink, DAEMON, metrics)) {
      log.log(request("/lost"));
      await().until(() -> metrics.accessLogDropped().sum() > 0);
      log.log(request("/kept"));
      await().until(() -> sink.text().equals("/kept\n"));
    }
  }

  private static LoggedRequest request(String path) {
    LoggedRequestForTest request = new LoggedRequestForTest();
    request.requestHeaders.put(":path", path);
    return request;
  }

  private static final class Sink extends OutputStream {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private volatile boolean closed;
    private volatile CountDownLatch hangUntil = new CountDownLatch(0);
    private volatile int failures;

    @Override
    public void write(int b) {
      bytes.write(b);
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    public void write(byte[] b, int off, int len) throws IOException {
      try {
        hangUntil.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      if (failures > 0) {
        failures--;
        throw new IOException("broken pipe");
      }
      bytes.write(b, off, len);
    }

    @Override
    public void close() {
      closed = true;
    }

    String text() {
      return bytes.toString(UTF_8);
    }
  }
}
