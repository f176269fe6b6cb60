package io.kumarun.proxy.http.h1;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HeaderNames;
import io.netty.util.AsciiString;

/** Which fields may not stand behind a body (RFC 9110 §6.5.1): framing, routing, this hop. */
final class TrailerFields {
  private static final AsciiString[] FORBIDDEN = {
    HeaderNames.CONNECTION,
    HeaderNames.CONTENT_LENGTH,
    HeaderNames.EXPECT,
    HeaderNames.HOST,
    HeaderNames.KEEP_ALIVE,
    HeaderNames.PROXY_CONNECTION,
    HeaderNames.TE,
    HeaderNames.TRAILER,
    HeaderNames.TRANSFER_ENCODING,
    HeaderNames.UPGRADE,
  };

  private TrailerFields() {}

  static void removeForbidden(HeaderMap trailers) {
    for (int i = trailers.size() - 1; i >= 0; i--) {
      if (isForbidden(trailers.name(i))) {
        trailers.removeAt(i);
      }
    }
  }

  static boolean isForbidden(AsciiString name) {
    for (AsciiString forbidden : FORBIDDEN) {
      if (forbidden.equals(name)) {
        return true;
      }
    }
    return HeaderMap.isPseudo(name);
  }
}
