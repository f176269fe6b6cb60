package io.kumarun.proxy.http.h1;

/** {@code HTTP-version} of RFC 9112 §2.3. */
final class Versions {
  static final int INVALID = -1;
  static final int UNSUPPORTED = -2;
  static final int HTTP_1_0 = 10;
  static final int HTTP_1_1 = 11;

  /** Bytes of {@code HTTP/1.1}. */
  static final int LENGTH = 8;

  private Versions() {}

  static int parse(byte[] line, int from, int to) {
    if (to - from != LENGTH
        || line[from] != 'H'
        || line[from + 1] != 'T'
        || line[from + 2] != 'T'
        || line[from + 3] != 'P'
        || line[from + 4] != '/'
        || !Octets.isDigit(line[from + 5])
        || line[from + 6] != '.'
        || !Octets.isDigit(line[from + 7])) {
      return INVALID;
    }
    int version = (line[from + 5] - '0') * 10 + line[from + 7] - '0';
    return version == HTTP_1_1 || version == HTTP_1_0 ? version : UNSUPPORTED;
  }
}
