package io.kumarun.proxy.exchange;

import io.netty.util.AsciiString;
import io.netty.util.concurrent.FastThreadLocal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The {@code date} of responses (RFC 9110 §5.6.7), formatted once a second on each event loop. */
final class DateHeader {
  private static final DateTimeFormatter IMF_FIXDATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static final FastThreadLocal<DateHeader> OF_LOOP =
      new FastThreadLocal<>() {
        @Override
        protected DateHeader initialValue() {
          return new DateHeader();
        }
      };

  private long second = Long.MIN_VALUE;
  private AsciiString text = AsciiString.EMPTY_STRING;

  private DateHeader() {}

  /** The date at that time. Event loop only. */
  static AsciiString at(long epochMillis) {
    return OF_LOOP.get().format(epochMillis);
  }

  private AsciiString format(long epochMillis) {
    long now = Math.floorDiv(epochMillis, 1000);
    if (now != second) {
      second = now;
      text = new AsciiString(IMF_FIXDATE.format(Instant.ofEpochSecond(now)));
    }
    return text;
  }
}
