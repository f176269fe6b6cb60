package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** What the sidecars of this process tell their operator, from the start of this on. */
final class RefusalLog implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final Logger logger = (Logger) LoggerFactory.getLogger("io.kumarun");
  private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          events.add(event);
        }
      };

  private RefusalLog() {
    appender.setContext(logger.getLoggerContext());
    appender.start();
    logger.addAppender(appender);
  }

  static RefusalLog start() {
    return new RefusalLog();
  }

  /** Waits for a line with all of these parts. */
  String await(String... parts) {
    try {
      Awaitility.await()
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> find(parts) != null);
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      throw new AssertionError(
          "No line has " + List.of(parts) + "; said:\n  " + String.join("\n  ", lines()), e);
    }
    return String.valueOf(find(parts));
  }

  private @Nullable String find(String... parts) {
    for (String line : lines()) {
      boolean all = true;
      for (String part : parts) {
        all &= line.contains(part);
      }
      if (all) {
        return line;
      }
    }
    return null;
  }

  List<String> lines() {
    return events.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  /** The lines that have this part. */
  List<String> lines(String part) {
    return lines().stream().filter(line -> line.contains(part)).toList();
  }

  void forget() {
    events.clear();
  }

  /** A refusal is no fault of this program: no line brings a stack trace. */
  void hasNoStackTrace() {
    assertThat(events)
        .allSatisfy(
            event ->
                assertThat(event.getThrowableProxy()).as(event.getFormattedMessage()).isNull());
  }

  @Override
  public void close() {
    logger.detachAppender(appender);
    appender.stop();
  }
}
