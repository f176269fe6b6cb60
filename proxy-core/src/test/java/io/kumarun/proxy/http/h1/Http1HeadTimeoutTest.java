package io.kumarun.proxy.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HttpStream;
import io.kumarun.proxy.http.HttpStreamAcceptor;
import io.kumarun.proxy.http.HttpStreamHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The time of a head runs from its first byte to its last. */
class Http1HeadTimeoutTest {
  private final List<String> events = new ArrayList<>();
  private final EmbeddedChannel channel =
      new EmbeddedChannel(
          new Http1ServerConnection(
              new HttpStreamAcceptor() {
                @Override
                public HttpStreamHandler newStream(HttpStream stream) {
                  return new Transcript(events) {
                    @Override
                    public void onHeaders(HeaderMap headers, boolean endStream) {
                      stream.writeHeaders(ServerFixture.response(200), true);
                    }
                  };
                }

                @Override
                public long headTimeoutNanos() {
                  return TimeUnit.SECONDS.toNanos(10);
                }

                @Override
                public void onHeadTimeout(HttpStream stream) {
                  stream.writeHeaders(ServerFixture.response(408), true);
                }
              },
              Http1Limits.DEFAULT));

  Http1HeadTimeoutTest() {
    channel.freezeTime();
  }

  @AfterEach
  void release() {
    channel.finishAndReleaseAll();
  }

  private String after(int seconds) {
    channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    return ServerFixture.sent(channel);
  }

  private String read(String bytes) {
    channel.writeInbound(ServerFixture.bytes(bytes));
    return ServerFixture.sent(channel);
  }

  @Test
  void aLaterByteGivesNoMoreTime() {
    read("GET / HTTP/1.1\r\n");
    assertThat(after(6)).isEmpty();
    read("host: a\r\n");
    assertThat(after(3)).isEmpty();

    assertThat(after(1)).startsWith("HTTP/1.1 408 ").contains("connection: close\r\n");
  }

  @Test
  void aHeadThatEndsInTimeIsServedAndTheTimeIsOver() {
    read("GET / HTTP/1.1\r\n");
    assertThat(after(9)).isEmpty();

    assertThat(read("host: a\r\n\r\n")).startsWith("HTTP/1.1 200 ");
    assertThat(after(60)).isEmpty();
    assertThat(channel.isActive()).isTrue();
  }

  @Test
  void eachHeadHasItsOwnTimeAndSilenceBetweenThemNone() {
    assertThat(read("GET / HTTP/1.1\r\nhost: a\r\n\r\n")).startsWith("HTTP/1.1 200 ");
    assertThat(after(60)).isEmpty();
    read("GET / HT");
    assertThat(after(9)).isEmpty();

    assertThat(after(1)).startsWith("HTTP/1.1 408 ");
  }

  @Test
  void aHeadThatIsBegunBehindAnotherRequestCounts() {
    assertThat(read("GET / HTTP/1.1\r\nhost: a\r\n\r\nGET /")).startsWith("HTTP/1.1 200 ");

    assertThat(after(10)).startsWith("HTTP/1.1 408 ");
  }

  @Test
  void aPeerThatLeavesIsNotAnswered() {
    read("GET / HT");
    channel.close();

    assertThat(after(10)).isEmpty();
  }
}
