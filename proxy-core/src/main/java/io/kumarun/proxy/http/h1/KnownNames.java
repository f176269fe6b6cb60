package io.kumarun.proxy.http.h1;

import io.kumarun.proxy.http.HeaderNames;
import io.netty.util.AsciiString;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Field names seen every day, so that a parsed head shares one object, with its hash, for each: no
 * allocation, and look-ups with {@link HeaderNames} constants end at the first comparison.
 */
final class KnownNames {
  private static final int MASK = 255;
  private static final @Nullable AsciiString[] TABLE = new AsciiString[MASK + 1];

  static {
    for (AsciiString name :
        new AsciiString[] {
          HeaderNames.CONNECTION,
          HeaderNames.CONTENT_LENGTH,
          HeaderNames.CONTENT_TYPE,
          HeaderNames.DATE,
          HeaderNames.EXPECT,
          HeaderNames.GRPC_MESSAGE,
          HeaderNames.GRPC_STATUS,
          HeaderNames.HOST,
          HeaderNames.KEEP_ALIVE,
          HeaderNames.PROXY_CONNECTION,
          HeaderNames.SERVER,
          HeaderNames.TE,
          HeaderNames.TRAILER,
          HeaderNames.TRANSFER_ENCODING,
          HeaderNames.UPGRADE,
          HeaderNames.USER_AGENT,
          HeaderNames.X_ENVOY_EXPECTED_RQ_TIMEOUT_MS,
          HeaderNames.X_ENVOY_ORIGINAL_PATH,
          HeaderNames.X_ENVOY_OVERLOADED,
          HeaderNames.X_ENVOY_UPSTREAM_SERVICE_TIME,
          HeaderNames.X_FORWARDED_CLIENT_CERT,
          HeaderNames.X_FORWARDED_FOR,
          HeaderNames.X_FORWARDED_PROTO,
          HeaderNames.X_REQUEST_ID,
        }) {
      put(name);
    }
    for (String name :
        new String[] {
          "accept",
          "accept-encoding",
          "accept-language",
          "accept-ranges",
          "access-control-allow-origin",
          "age",
          "authorization",
          "b3",
          "cache-control",
          "content-disposition",
          "content-encoding",
          "content-language",
          "content-range",
          "cookie",
          "etag",
          "expires",
          "grpc-timeout",
          "if-modified-since",
          "if-none-match",
          "last-modified",
          "location",
          "origin",
          "pragma",
          "range",
          "referer",
          "retry-after",
          "sec-fetch-dest",
          "sec-fetch-mode",
          "sec-fetch-site",
          "sec-websocket-accept",
          "sec-websocket-key",
          "sec-websocket-version",
          "set-cookie",
          "traceparent",
          "tracestate",
          "upgrade-insecure-requests",
          "vary",
          "via",
          "x-b3-parentspanid",
          "x-b3-sampled",
          "x-b3-spanid",
          "x-b3-traceid",
          "x-forwarded-host",
          "x-forwarded-port",
        }) {
      put(AsciiString.cached(name));
    }
  }

  private KnownNames() {}

  private static void put(AsciiString name) {
    byte[] octets = name.toByteArray();
    int slot = slot(octets, octets.length);
    while (TABLE[slot] != null) {
      slot = (slot + 1) & MASK;
    }
    TABLE[slot] = name;
  }

  private static int slot(byte[] octets, int length) {
    int hash = octets[0] * 31 + octets[length >> 1];
    return ((hash * 31 + octets[length - 1]) * 31 + length) & MASK;
  }

  /**
   * The name in the first {@code length} bytes of a line, in lower case: a shared constant, or a
   * view of the line.
   */
  static AsciiString of(byte[] line, int length) {
    for (int slot = slot(line, length); ; slot = (slot + 1) & MASK) {
      AsciiString known = TABLE[slot];
      if (known == null) {
        return new AsciiString(line, 0, length, false);
      }
      int offset = known.arrayOffset();
      if (known.length() == length
          && Arrays.equals(known.array(), offset, offset + length, line, 0, length)) {
        return known;
      }
    }
  }
}
