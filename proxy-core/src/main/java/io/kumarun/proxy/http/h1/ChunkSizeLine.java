package io.kumarun.proxy.http.h1;

/**
 * Reads {@code chunk-size [ chunk-ext ]} of RFC 9112 §7.1. The extensions are checked and skipped.
 * No white space outside quotes: senders must not write it, and readers disagree about it.
 */
final class ChunkSizeLine {
  private static final int MAX_DIGITS = 16;
  private static final long BAD_SIZE = -1;
  private static final long BAD_EXTENSION = -2;

  private ChunkSizeLine() {}

  /** The size in bytes; negative if the line is malformed, see {@link #violation}. */
  static long size(byte[] line) {
    long size = 0;
    int at = 0;
    int digit;
    while (at < line.length && (digit = Octets.hexValue(line[at])) >= 0) {
      if (at == MAX_DIGITS || size > (Long.MAX_VALUE >> 4)) {
        return BAD_SIZE;
      }
      size = (size << 4) | digit;
      at++;
    }
    if (at == 0 || (at < line.length && line[at] != ';')) {
      return BAD_SIZE;
    }
    return areExtensions(line, at) ? size : BAD_EXTENSION;
  }

  static Http1Violation violation(long size) {
    return size == BAD_SIZE
        ? Http1Violation.INVALID_CHUNK_SIZE
        : Http1Violation.INVALID_CHUNK_EXTENSION;
  }

  /** {@code *( ";" token [ "=" ( token / quoted-string ) ] )}. */
  private static boolean areExtensions(byte[] line, int from) {
    int at = from;
    while (at < line.length) {
      if (line[at] != ';') {
        return false;
      }
      int name = at + 1;
      at = endOfToken(line, name);
      if (at == name) {
        return false;
      }
      if (at < line.length && line[at] == '=') {
        int value = at + 1;
        at =
            value < line.length && line[value] == '"'
                ? endOfQuoted(line, value)
                : endOfToken(line, value);
        if (at <= value) {
          return false;
        }
      }
    }
    return true;
  }

  private static int endOfToken(byte[] line, int from) {
    int at = from;
    while (at < line.length && Octets.lowerToken(line[at]) != 0) {
      at++;
    }
    return at;
  }

  /** Behind the closing quote, or -1. */
  private static int endOfQuoted(byte[] line, int from) {
    for (int at = from + 1; at < line.length; at++) {
      if (line[at] == '"') {
        return at + 1;
      }
      if (line[at] == '\\') {
        at++;
      }
      if (at < line.length && !Octets.isFieldText(line, at, at + 1)) {
        return -1;
      }
    }
    return -1;
  }
}
