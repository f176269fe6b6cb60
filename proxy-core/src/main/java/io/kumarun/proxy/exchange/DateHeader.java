package io.kumarun.proxy.exchange;

import io.netty.util.AsciiString;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The {@code date} of responses (RFC 9110 §5.6.7), formatted once a second. One per event loop. */
final class DateHeader {
  private static final DateTimeFormatter IMF_FIXDATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private long second = Long.MIN_VALUE;
  private AsciiString text = AsciiString.EMPTY_STRING;

  AsciiString at(long epochMillis) {
    long now = Math.floorDiv(epochMillis, 1000);
    if (now != second) {
      second = now;
      text = new AsciiString(IMF_FIXDATE.format(Instant.ofEpochSecond(now)));
    }
    return text;
  }
}
