package io.kumarun.proxy.http.h1;

import io.netty.util.AsciiString;

/** The character classes of RFC 9110 §5 and RFC 3986 as tables. */
final class Octets {
  static final byte CR = '\r';
  static final byte LF = '\n';
  static final byte SP = ' ';
  static final byte HTAB = '\t';

  private static final String ALPHANUMERIC =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  // 0 where the octet is no tchar
  private static final byte[] LOWER_TOKEN = new byte[256];
  private static final boolean[] REG_NAME = new boolean[256];

  static {
    for (char c : (ALPHANUMERIC + "!#$%&'*+-.^_`|~").toCharArray()) {
      LOWER_TOKEN[c] = (byte) Character.toLowerCase(c);
    }
    for (char c : (ALPHANUMERIC + "-._~%!$&'()*+,;=").toCharArray()) {
      REG_NAME[c] = true;
    }
  }

  private Octets() {}

  /** The lower-case form of a token character, 0 for any other octet. */
  static byte lowerToken(byte octet) {
    return LOWER_TOKEN[octet & 0xff];
  }

  static boolean isToken(byte[] octets, int from, int to) {
    for (int i = from; i < to; i++) {
      if (lowerToken(octets[i]) == 0) {
        return false;
      }
    }
    return to > from;
  }

  static boolean isToken(AsciiString text) {
    return isToken(text.array(), text.arrayOffset(), text.arrayOffset() + text.length());
  }

  /** HTAB, SP, VCHAR and obs-text: what a field value or a reason phrase may contain. */
  static boolean isFieldText(byte[] octets, int from, int to) {
    for (int i = from; i < to; i++) {
      byte octet = octets[i];
      if ((octet >= 0 && octet < SP && octet != HTAB) || octet == 0x7f) {
        return false;
      }
    }
    return true;
  }

  static boolean isFieldText(AsciiString text) {
    return isFieldText(text.array(), text.arrayOffset(), text.arrayOffset() + text.length());
  }

  /**
   * Visible ASCII without a fragment: what a request target may contain. Envoy refuses a fragment,
   * too.
   */
  static boolean isTarget(byte[] octets, int from, int to) {
    for (int i = from; i < to; i++) {
      if (octets[i] <= SP || octets[i] == 0x7f || octets[i] == '#') {
        return false;
      }
    }
    return to > from;
  }

  static boolean isTarget(AsciiString text) {
    return isTarget(text.array(), text.arrayOffset(), text.arrayOffset() + text.length());
  }

  static boolean isAuthority(AsciiString text) {
    return isAuthority(text.array(), text.arrayOffset(), text.arrayOffset() + text.length());
  }

  /** {@code uri-host [":" port]} of RFC 9110 §7.2 with a host that is not empty; no user info. */
  static boolean isAuthority(byte[] octets, int from, int to) {
    int end = endOfHost(octets, from, to);
    return end > from && (end == to || (octets[end] == ':' && isPort(octets, end + 1, to)));
  }

  /** The octet behind the host, or -1. */
  static int endOfHost(byte[] octets, int from, int to) {
    if (from < to && octets[from] == '[') {
      int i = from + 1;
      while (i < to && (isHex(octets[i]) || octets[i] == ':' || octets[i] == '.')) {
        i++;
      }
      return i < to && octets[i] == ']' && i > from + 1 ? i + 1 : -1;
    }
    int i = from;
    while (i < to && REG_NAME[octets[i] & 0xff]) {
      i++;
    }
    return i;
  }

  /** {@code *DIGIT}, at most 65535. */
  private static boolean isPort(byte[] octets, int from, int to) {
    int port = 0;
    for (int i = from; i < to; i++) {
      if (!isDigit(octets[i])) {
        return false;
      }
      port = port * 10 + octets[i] - '0';
      if (port > 65535) {
        return false;
      }
    }
    return true;
  }

  static boolean isDigit(byte octet) {
    return octet >= '0' && octet <= '9';
  }

  static boolean isHex(byte octet) {
    return hexValue(octet) >= 0;
  }

  /** 0–15, or -1. */
  static int hexValue(byte octet) {
    if (isDigit(octet)) {
      return octet - '0';
    }
    int lower = octet | 0x20;
    return octet > 0 && lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }

  /** The value of {@code 1*DIGIT}, or -1: nothing, a sign, white space, a list, too large. */
  static long decimal(AsciiString text) {
    long value = 0;
    for (int i = 0; i < text.length(); i++) {
      byte octet = text.byteAt(i);
      if (!isDigit(octet) || value > (Long.MAX_VALUE - 9) / 10) {
        return -1;
      }
      value = value * 10 + octet - '0';
    }
    return text.isEmpty() ? -1 : value;
  }
}
