package io.kumarun.telemetry;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Appends values to a record without allocating. */
final class LogText {
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  /** The order in which Envoy prints several flags of one request. */
  private static final ResponseFlag[] FLAG_ORDER = {
    ResponseFlag.UH, ResponseFlag.UT, ResponseFlag.LR, ResponseFlag.UR, ResponseFlag.UF,
    ResponseFlag.UC, ResponseFlag.UO, ResponseFlag.NR, ResponseFlag.DC, ResponseFlag.SI,
    ResponseFlag.DPE, ResponseFlag.UPE, ResponseFlag.NC
  };

  private LogText() {}

  static void appendSafe(@Nullable CharSequence value, StringBuilder out) {
    appendSafe(value, Integer.MAX_VALUE, out);
  }

  /** Nothing that a peer sent can leave the printable ASCII, its quotes or its line. */
  static void appendSafe(@Nullable CharSequence value, int maxLength, StringBuilder out) {
    if (value == null || value.isEmpty()) {
      out.append('-');
      return;
    }
    int length = Math.min(value.length(), maxLength);
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c >= ' ' && c < 0x7f) {
        out.append(c);
      } else if (c <= 0xff) {
        out.append("\\x").append(HEX[c >> 4]).append(HEX[c & 15]);
      } else {
        out.append("\\u").append(HEX[c >> 12]).append(HEX[c >> 8 & 15]);
        out.append(HEX[c >> 4 & 15]).append(HEX[c & 15]);
      }
    }
  }

  static void appendFlags(Set<ResponseFlag> flags, StringBuilder out) {
    if (flags.isEmpty()) {
      out.append('-');
      return;
    }
    boolean first = true;
    for (ResponseFlag flag : FLAG_ORDER) {
      if (flags.contains(flag)) {
        if (!first) {
          out.append(',');
        }
        out.append(flag.name());
        first = false;
      }
    }
  }

  /** {@code %Y-%m-%dT%H:%M:%S.%3fZ} in UTC, by the civil calendar. */
  static void appendTime(long epochMillis, StringBuilder out) {
    long day = Math.floorDiv(epochMillis, 86_400_000L);
    int ofDay = (int) Math.floorMod(epochMillis, 86_400_000L);
    // Years begin in March, so that the leap day is the last one; an era has 400 of them.
    long shifted = day + 719_468;
    long era = Math.floorDiv(shifted, 146_097L);
    int dayOfEra = (int) Math.floorMod(shifted, 146_097L);
    int yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
    int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    int marchMonth = (5 * dayOfYear + 2) / 153;
    int dayOfMonth = dayOfYear - (153 * marchMonth + 2) / 5 + 1;
    int month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
    int year = (int) (yearOfEra + era * 400 + (month <= 2 ? 1 : 0));

    appendPadded(year, 4, out);
    appendPadded(month, 2, out.append('-'));
    appendPadded(dayOfMonth, 2, out.append('-'));
    appendPadded(ofDay / 3_600_000, 2, out.append('T'));
    appendPadded(ofDay / 60_000 % 60, 2, out.append(':'));
    appendPadded(ofDay / 1_000 % 60, 2, out.append(':'));
    appendPadded(ofDay % 1_000, 3, out.append('.'));
    out.append('Z');
  }

  private static void appendPadded(int value, int digits, StringBuilder out) {
    int limit = 10;
    for (int i = 1; i < digits; i++) {
      if (value < limit) {
        out.append('0');
      }
      limit *= 10;
    }
    out.append(value);
  }
}
