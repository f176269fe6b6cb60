package io.kumarun.proxy.exchange;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HeaderNames;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Heads of responses this proxy makes itself. gRPC callers get a trailers-only response, as from
 * Envoy: 200, {@code grpc-status}, and the body as {@code grpc-message}.
 */
final class LocalReplyHead {
  /** What the field {@code server} says. */
  static final AsciiString ENVOY = AsciiString.cached("envoy");

  static final AsciiString CLOSE = AsciiString.cached("close");

  private static final AsciiString TEXT_PLAIN = AsciiString.cached("text/plain");
  private static final AsciiString GRPC = AsciiString.cached("application/grpc");
  private static final AsciiString OK = AsciiString.cached("200");
  private static final AsciiString TRUE = AsciiString.cached("true");

  private LocalReplyHead() {}

  static boolean isGrpc(HeaderMap request) {
    AsciiString type = request.get(HeaderNames.CONTENT_TYPE);
    return type != null
        && type.regionMatches(false, 0, GRPC, 0, GRPC.length())
        && (type.length() == GRPC.length()
            || type.byteAt(GRPC.length()) == '+'
            || type.byteAt(GRPC.length()) == ';');
  }

  static HeaderMap http(int status, int bodyLength, boolean overloaded) {
    HeaderMap head = new HeaderMap(8);
    head.add(HeaderNames.STATUS, StatusText.of(status));
    if (overloaded) {
      head.add(HeaderNames.X_ENVOY_OVERLOADED, TRUE);
    }
    if (bodyLength > 0) {
      head.add(HeaderNames.CONTENT_LENGTH, Integer.toString(bodyLength));
      head.add(HeaderNames.CONTENT_TYPE, TEXT_PLAIN);
    }
    return head;
  }

  static HeaderMap grpc(int status, String message, boolean overloaded) {
    HeaderMap head = new HeaderMap(8);
    head.add(HeaderNames.STATUS, OK);
    if (overloaded) {
      head.add(HeaderNames.X_ENVOY_OVERLOADED, TRUE);
    }
    head.add(HeaderNames.CONTENT_TYPE, GRPC);
    head.add(HeaderNames.GRPC_STATUS, GrpcStatus.ofHttp(status));
    if (!message.isEmpty()) {
      head.add(HeaderNames.GRPC_MESSAGE, percentEncode(message));
    }
    return head;
  }

  /** gRPC over HTTP/2, "Percent-Encoded": printable ASCII but '%' goes as it is. */
  private static AsciiString percentEncode(String message) {
    byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
    StringBuilder text = new StringBuilder(bytes.length);
    for (byte b : bytes) {
      if (b >= 0x20 && b <= 0x7e && b != '%') {
        text.append((char) b);
      } else {
        text.append('%')
            .append(ByteBufUtil.hexDump(new byte[] {b}).toUpperCase(java.util.Locale.ROOT));
      }
    }
    return new AsciiString(text);
  }

  static byte @Nullable [] body(String text) {
    return text.isEmpty() ? null : text.getBytes(StandardCharsets.UTF_8);
  }
}
