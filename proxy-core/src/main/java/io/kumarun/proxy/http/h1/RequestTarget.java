package io.kumarun.proxy.http.h1;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HeaderNames;
import io.netty.util.AsciiString;

/**
 * The four forms of a request target (RFC 9112 §3.2). Adds {@code :authority} (empty where the
 * {@code host} field decides), {@code :path}, and {@code :scheme} where the target names one.
 */
final class RequestTarget {
  private static final AsciiString ASTERISK = AsciiString.cached("*");
  private static final AsciiString SLASH = AsciiString.cached("/");
  private static final AsciiString HTTP = AsciiString.cached("http");
  private static final AsciiString HTTPS = AsciiString.cached("https");

  private RequestTarget() {}

  /** Returns whether the octets are a target for that method. */
  static boolean read(AsciiString method, byte[] line, int from, int to, HeaderMap headers) {
    if (!Octets.isTarget(line, from, to)) {
      return false;
    }
    if (method.equals(Methods.CONNECT)) {
      return readAuthorityForm(line, from, to, headers);
    }
    if (line[from] == '/') {
      headers.add(HeaderNames.AUTHORITY, AsciiString.EMPTY_STRING);
      headers.add(
          HeaderNames.PATH, to - from == 1 ? SLASH : new AsciiString(line, from, to - from, false));
      return true;
    }
    if (line[from] == '*') {
      headers.add(HeaderNames.AUTHORITY, AsciiString.EMPTY_STRING);
      headers.add(HeaderNames.PATH, ASTERISK);
      return to - from == 1 && method.equals(Methods.OPTIONS);
    }
    return readAbsoluteForm(line, from, to, headers);
  }

  /** {@code uri-host ":" port}, with a port that is not empty (RFC 9110 §9.3.6). */
  private static boolean readAuthorityForm(byte[] line, int from, int to, HeaderMap headers) {
    int end = Octets.endOfHost(line, from, to);
    if (end < 0 || end + 1 >= to || !Octets.isAuthority(line, from, to)) {
      return false;
    }
    headers.add(HeaderNames.AUTHORITY, new AsciiString(line, from, to - from, false));
    return true;
  }

  private static boolean readAbsoluteForm(byte[] line, int from, int to, HeaderMap headers) {
    AsciiString scheme;
    if (startsWith(line, from, to, "http://")) {
      scheme = HTTP;
    } else if (startsWith(line, from, to, "https://")) {
      scheme = HTTPS;
    } else {
      return false;
    }
    int authority = from + scheme.length() + 3;
    int end = authority;
    while (end < to && line[end] != '/' && line[end] != '?') {
      end++;
    }
    if (!Octets.isAuthority(line, authority, end)) {
      return false;
    }
    headers.add(HeaderNames.AUTHORITY, new AsciiString(line, authority, end - authority, false));
    headers.add(HeaderNames.PATH, path(line, end, to));
    headers.add(HeaderNames.SCHEME, scheme);
    return true;
  }

  private static AsciiString path(byte[] line, int from, int to) {
    if (from == to) {
      // For OPTIONS, too, unlike RFC 9112 §3.2.4: as Envoy, whose routes match a path.
      return SLASH;
    }
    if (line[from] == '/') {
      return new AsciiString(line, from, to - from, false);
    }
    byte[] path = new byte[to - from + 1];
    path[0] = '/';
    System.arraycopy(line, from, path, 1, to - from);
    return new AsciiString(path, false);
  }

  private static boolean startsWith(byte[] line, int from, int to, String lowerCase) {
    if (to - from < lowerCase.length()) {
      return false;
    }
    for (int i = 0; i < lowerCase.length(); i++) {
      byte octet = line[from + i];
      if (octet != lowerCase.charAt(i)
          && !(octet >= 'A' && octet <= 'Z' && (octet | 0x20) == lowerCase.charAt(i))) {
        return false;
      }
    }
    return true;
  }
}
