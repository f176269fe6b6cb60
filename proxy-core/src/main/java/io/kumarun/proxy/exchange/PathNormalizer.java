package io.kumarun.proxy.exchange;

import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * Envoy's {@code normalize_path}: RFC 3986 §6.2.2.3 dot segments, percent-encoded unreserved
 * characters decoded, back slashes read as slashes, characters that no URI has encoded; the query
 * stays as it is. A path that would leave the root stays there; what is no path is refused.
 */
final class PathNormalizer {
  private static final String FOREIGN = "\"<>^`{|}";
  private static final String HEX = "0123456789ABCDEF";

  private PathNormalizer() {}

  /** The normal form, the same object where nothing changes; null where the path is refused. */
  static @Nullable AsciiString normalize(AsciiString path) {
    int end = path.length();
    for (int i = 0; i < end; i++) {
      byte b = path.byteAt(i);
      if (b == '?' || b == '#') {
        end = i;
        break;
      }
    }
    if (end == 1 && path.byteAt(0) == '*') {
      return path; // of OPTIONS: it finds no route
    }
    if (end == 0 || path.byteAt(0) != '/') {
      return null;
    }
    if (!needsWork(path, end)) {
      return path;
    }
    byte[] out = new byte[3 * end + 1];
    int used = 0;
    int at = 0;
    while (at < end) {
      // A segment begins behind its slash.
      at++;
      int segmentStart = used;
      out[used++] = '/';
      int content = used;
      while (at < end && !isSlash(path.byteAt(at))) {
        int decoded = decodedUnreserved(path, at, end);
        if (decoded == 0) {
          return null;
        } else if (decoded > 0) {
          out[used++] = (byte) decoded;
          at += 3;
        } else if (isForeign(path.byteAt(at))) {
          byte foreign = path.byteAt(at++);
          out[used++] = '%';
          out[used++] = (byte) HEX.charAt(foreign >> 4);
          out[used++] = (byte) HEX.charAt(foreign & 15);
        } else {
          out[used++] = path.byteAt(at++);
        }
      }
      int length = used - content;
      boolean last = at >= end;
      if (length == 1 && out[content] == '.') {
        used = last ? content : segmentStart;
      } else if (length == 2 && out[content] == '.' && out[content + 1] == '.') {
        used = parent(out, segmentStart);
        if (last) {
          out[used++] = '/';
        }
      }
    }
    AsciiString normal = new AsciiString(out, 0, used, true);
    return end == path.length() ? normal : normal.concat(path.subSequence(end, path.length()));
  }

  /** Where the segment before begins; the root is its own parent. */
  private static int parent(byte[] out, int segmentStart) {
    int at = Math.max(0, segmentStart - 1);
    while (out[at] != '/') {
      at--;
    }
    return at;
  }

  private static boolean needsWork(AsciiString path, int end) {
    for (int i = 0; i < end; i++) {
      byte b = path.byteAt(i);
      if (b == '%' || b == '\\' || isForeign(b)) {
        return true;
      }
      if (b == '.' && path.byteAt(i - 1) == '/') {
        return true;
      }
    }
    return false;
  }

  /** Visible ASCII that RFC 3986 has in no part of a path. */
  private static boolean isForeign(byte b) {
    return FOREIGN.indexOf(b) >= 0;
  }

  private static boolean isSlash(byte b) {
    return b == '/' || b == '\\';
  }

  /** The character that is encoded there if it is unreserved or NUL, or -1. */
  private static int decodedUnreserved(AsciiString path, int at, int end) {
    if (path.byteAt(at) != '%' || at + 2 >= end) {
      return -1;
    }
    int high = Character.digit(path.charAt(at + 1), 16);
    int low = Character.digit(path.charAt(at + 2), 16);
    if (high < 0 || low < 0) {
      return -1;
    }
    int c = high << 4 | low;
    boolean unreserved =
        c == 0
            || (c >= 'a' && c <= 'z')
            || (c >= 'A' && c <= 'Z')
            || (c >= '0' && c <= '9')
            || c == '-'
            || c == '.'
            || c == '_'
            || c == '~';
    return unreserved ? c : -1;
  }
}
