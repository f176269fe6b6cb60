package io.kumarun.proxy.exchange;

import io.kumarun.proxy.http.StreamError;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request that got no byte of a response may be sent a second time though nobody asked
 * for retries. Pure.
 */
final class ResendRule {
  private static final AsciiString GET = AsciiString.cached("GET");
  private static final AsciiString HEAD = AsciiString.cached("HEAD");
  private static final AsciiString OPTIONS = AsciiString.cached("OPTIONS");

  private ResendRule() {}

  /**
   * @param error how its stream ended
   * @param headOnly the request is complete and has no body
   * @param bodySent something of a body, or trailers, went out and is gone
   */
  static boolean permits(
      StreamError error, @Nullable AsciiString method, boolean headOnly, boolean bodySent) {
    return switch (error) {
      // The peer may have acted on it: only what is safe to do twice (RFC 9110 §9.2.2, RFC 9112
      // §9.3.1).
      case CONNECTION_TERMINATION -> headOnly && method != null && isSafe(method);
      // The peer did not act on it (RFC 9113 §8.7).
      case REMOTE_REFUSED, LOCAL_REFUSED -> !bodySent;
      case REMOTE_RESET,
          CONNECTION_FAILURE,
          CONNECTION_TIMEOUT,
          OVERFLOW,
          PROTOCOL_ERROR,
          LOCAL_RESET ->
          false;
    };
  }

  private static boolean isSafe(AsciiString method) {
    return method.contentEquals(GET) || method.contentEquals(HEAD) || method.contentEquals(OPTIONS);
  }
}
