package io.kumarun.proxy.http.h1;

import io.kumarun.proxy.http.HeaderMap;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * Reads field lines up to the empty line that ends them (RFC 9112 §5): the fields of a head, or
 * trailers. Names become lower case; values are views of the line's bytes.
 */
final class FieldSection {
  private final Http1Limits limits;
  private final LineReader lines;
  private HeaderMap fields = new HeaderMap(1);
  private int bytes;
  private int count;
  private @Nullable Http1Violation violation;

  FieldSection(Http1Limits limits, LineReader lines) {
    this.limits = limits;
    this.lines = lines;
  }

  /**
   * @param into where fields are added
   * @param bytesBefore what counts already against the limit
   */
  void begin(HeaderMap into, int bytesBefore) {
    fields = into;
    bytes = bytesBefore;
    count = 0;
    violation = null;
  }

  /** Whether the section is complete; if not, either {@link #violation} says why or bytes lack. */
  boolean advance(ByteBuf in) {
    while (true) {
      int length = lines.find(in, limits.maxHeadBytes() - bytes);
      switch (length) {
        case LineReader.INCOMPLETE -> {
          return false;
        }
        case LineReader.TOO_LONG -> {
          violation = Http1Violation.HEAD_TOO_LARGE;
          return false;
        }
        case LineReader.BARE_LF -> {
          violation = Http1Violation.BARE_LF;
          return false;
        }
        default -> {
          bytes += length;
          byte[] line = lines.take(in, length);
          if (line.length == 0) {
            return true;
          }
          violation = addField(line);
          if (violation != null) {
            return false;
          }
        }
      }
    }
  }

  @Nullable Http1Violation violation() {
    return violation;
  }

  private @Nullable Http1Violation addField(byte[] line) {
    if (line[0] == Octets.SP || line[0] == Octets.HTAB) {
      return Http1Violation.LEADING_WHITESPACE;
    }
    if (++count > limits.maxHeaders()) {
      return Http1Violation.TOO_MANY_HEADERS;
    }
    int colon = lowerName(line);
    if (colon <= 0) {
      return Http1Violation.INVALID_FIELD_NAME;
    }
    int from = colon + 1;
    int to = line.length;
    while (from < to && isBlank(line[from])) {
      from++;
    }
    while (to > from && isBlank(line[to - 1])) {
      to--;
    }
    if (!Octets.isFieldText(line, from, to)) {
      return Http1Violation.INVALID_FIELD_VALUE;
    }
    AsciiString value =
        from == to ? AsciiString.EMPTY_STRING : new AsciiString(line, from, to - from, false);
    fields.add(KnownNames.of(line, colon), value);
    return null;
  }

  /** Lower-cases the name in place; returns where the colon is, or -1 if that is no name. */
  private static int lowerName(byte[] line) {
    for (int i = 0; i < line.length; i++) {
      byte lower = Octets.lowerToken(line[i]);
      if (lower == 0) {
        return line[i] == ':' ? i : -1;
      }
      line[i] = lower;
    }
    return -1;
  }

  private static boolean isBlank(byte octet) {
    return octet == Octets.SP || octet == Octets.HTAB;
  }
}
