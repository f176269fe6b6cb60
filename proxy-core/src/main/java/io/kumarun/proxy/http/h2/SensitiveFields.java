package io.kumarun.proxy.http.h2;

import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.netty.util.AsciiString;

/**
 * Fields that HPACK must never index, lest a guesser learn them from the size of what follows (RFC
 * 7541 §7.1.3). The choice is nghttp2's, and so Envoy's: credentials, and cookies short enough to
 * guess.
 */
enum SensitiveFields implements Http2HeadersEncoder.SensitivityDetector {
  INSTANCE;

  private static final AsciiString AUTHORIZATION = AsciiString.cached("authorization");
  private static final AsciiString PROXY_AUTHORIZATION = AsciiString.cached("proxy-authorization");
  private static final AsciiString COOKIE = AsciiString.cached("cookie");
  private static final int SHORT_COOKIE = 20;

  @Override
  public boolean isSensitive(CharSequence name, CharSequence value) {
    return switch (name.length()) {
      case 6 -> value.length() < SHORT_COOKIE && COOKIE.contentEquals(name);
      case 13 -> AUTHORIZATION.contentEquals(name);
      case 19 -> PROXY_AUTHORIZATION.contentEquals(name);
      default -> false;
    };
  }
}
