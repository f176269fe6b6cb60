package io.kumarun.proxy.http.h2;

import io.netty.util.AsciiString;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Which bytes names, values and pseudo-headers may hold (RFC 9110 §5.1, §5.6.2; RFC 9113 §8.2.1).
 */
final class FieldSyntax {
  private static final byte TOKEN = 1;
  private static final byte UPPER = 2;
  private static final byte AUTHORITY = 4;
  private static final byte SCHEME = 8;
  private static final byte[] CLASSES = new byte[256];

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;

  static {
    for (int c = 0; c < 256; c++) {
      boolean upper = c >= 'A' && c <= 'Z';
      boolean letterOrDigit = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      int flags = 0;
      if (letterOrDigit || (c < 0x80 && "!#$%&'*+-.^_`|~".indexOf(c) >= 0)) {
        flags |= TOKEN;
      }
      if (upper) {
        flags |= UPPER;
      }
      if (letterOrDigit || (c < 0x80 && "-._~!$&'()*+,;=:[]%".indexOf(c) >= 0)) {
        flags |= AUTHORITY;
      }
      if (letterOrDigit || c == '+' || c == '-' || c == '.') {
        flags |= SCHEME;
      }
      CLASSES[c] = (byte) flags;
    }
  }

  private FieldSyntax() {}

  /** A field name as HTTP/2 sends it: a token without upper-case letters. */
  static boolean isLowerCaseName(AsciiString name) {
    return all(name, TOKEN | UPPER, TOKEN);
  }

  /** A token of any case: a method. */
  static boolean isToken(AsciiString text) {
    return all(text, TOKEN, TOKEN);
  }

  /** Host and port, without user information. */
  static boolean isAuthority(AsciiString text) {
    return all(text, AUTHORITY, AUTHORITY);
  }

  static boolean isScheme(AsciiString text) {
    return all(text, SCHEME, SCHEME);
  }

  private static boolean all(AsciiString text, int mask, int expected) {
    if (text.isEmpty()) {
      return false;
    }
    byte[] bytes = text.array();
    int end = text.arrayOffset() + text.length();
    for (int i = text.arrayOffset(); i < end; i++) {
      if ((CLASSES[bytes[i] & 0xff] & mask) != expected) {
        return false;
      }
    }
    return true;
  }

  /** A field value: no control characters but a tab inside, no white space around it. */
  static boolean isValue(AsciiString value) {
    int length = value.length();
    if (length == 0) {
      return true;
    }
    byte[] bytes = value.array();
    int at = value.arrayOffset();
    int end = at + length;
    if (isBlank(bytes[at]) || isBlank(bytes[end - 1])) {
      return false;
    }
    for (; at + Long.BYTES <= end; at += Long.BYTES) {
      if (mayHoldControl((long) LONGS.get(bytes, at)) && holdsControl(bytes, at, at + Long.BYTES)) {
        return false;
      }
    }
    return !holdsControl(bytes, at, end);
  }

  /** Whether one of eight bytes is below 0x20 or is DEL; at times true for nothing. */
  private static boolean mayHoldControl(long word) {
    long belowSpace = (word - 0x20 * ONES) & ~word;
    long del = word ^ 0x7f * ONES;
    long isDel = (del - ONES) & ~del;
    return ((belowSpace | isDel) & HIGH_BITS) != 0;
  }

  private static boolean holdsControl(byte[] bytes, int from, int end) {
    for (int i = from; i < end; i++) {
      byte b = bytes[i];
      if ((b >= 0 && b < 0x20 && b != '\t') || b == 0x7f) {
        return true;
      }
    }
    return false;
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }

  /** Whether a path holds a space, which no request target may. */
  static boolean hasSpace(AsciiString text) {
    byte[] bytes = text.array();
    int end = text.arrayOffset() + text.length();
    for (int i = text.arrayOffset(); i < end; i++) {
      if (isBlank(bytes[i])) {
        return true;
      }
    }
    return false;
  }

  /**
   * The value of a {@code content-length}.
   *
   * @return -1 if it is no number of at most 18 digits
   */
  static long parseLength(AsciiString value) {
    int length = value.length();
    if (length == 0 || length > 18) {
      return -1;
    }
    long sum = 0;
    for (int i = 0; i < length; i++) {
      int digit = value.byteAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      sum = 10 * sum + digit;
    }
    return sum;
  }
}
