package io.kumarun.telemetry;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A text format of an access log with Envoy's command operators, parsed once (Envoy: "Access
 * logging", command operators). Immutable; any thread.
 *
 * <p>Known: START_TIME, REQ(NAME?OTHER):LENGTH, RESP(NAME?OTHER):LENGTH, PROTOCOL, RESPONSE_CODE,
 * RESPONSE_FLAGS, RESPONSE_CODE_DETAILS, BYTES_RECEIVED, BYTES_SENT, DURATION, UPSTREAM_HOST,
 * UPSTREAM_CLUSTER, DOWNSTREAM_PEER_URI_SAN and %%. What a request does not have is {@code -}.
 *
 * <p>In one thing it is not Envoy's: Envoy prints what a peer sent as it is. Here quotes,
 * backslashes and whatever is not printable ASCII is escaped, so that no header can end its quotes
 * or its line and forge a record.
 */
public final class EnvoyAccessLogFormat {
  /** Envoy's format where none is configured, with its end of line. */
  public static final EnvoyAccessLogFormat DEFAULT =
      parse(
          "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\""
              + " %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION%"
              + " %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\""
              + " \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\""
              + " \"%UPSTREAM_HOST%\"\n");

  private final LogPiece[] pieces;

  private EnvoyAccessLogFormat(List<LogPiece> pieces) {
    this.pieces = pieces.toArray(LogPiece[]::new);
  }

  /**
   * Parses a format.
   *
   * @throws IllegalArgumentException for an operator that is not known or not complete; the message
   *     names it
   */
  public static EnvoyAccessLogFormat parse(String text) {
    List<LogPiece> pieces = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c != '%') {
        literal.append(c);
        at++;
      } else if (text.startsWith("%%", at)) {
        literal.append('%');
        at += 2;
      } else {
        int end = endOfOperator(text, at);
        addLiteral(pieces, literal);
        pieces.add(operator(text.substring(at + 1, end)));
        at = end + 1;
      }
    }
    addLiteral(pieces, literal);
    return new EnvoyAccessLogFormat(pieces);
  }

  /** Appends the record of a request. Each char that is appended stands for one byte. */
  void append(LoggedRequest request, StringBuilder out) {
    for (LogPiece piece : pieces) {
      piece.append(request, out);
    }
  }

  /** The record of a request, as text. */
  public String format(LoggedRequest request) {
    StringBuilder out = new StringBuilder(256);
    append(request, out);
    return new String(out.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  private static int endOfOperator(String text, int start) {
    int end = text.indexOf('%', start + 1);
    int open = text.indexOf('(', start + 1);
    if (open >= 0 && end >= 0 && open < end) {
      int close = text.indexOf(')', open);
      end = close < 0 ? -1 : text.indexOf('%', close);
    }
    if (end < 0) {
      throw new IllegalArgumentException(
          "access log format: the operator that begins with \""
              + text.substring(start, Math.min(text.length(), start + 20))
              + "\" has no closing %");
    }
    return end;
  }

  private static void addLiteral(List<LogPiece> pieces, StringBuilder literal) {
    if (!literal.isEmpty()) {
      // One char per byte, as everything that is appended.
      byte[] utf8 = literal.toString().getBytes(StandardCharsets.UTF_8);
      pieces.add(new LogPiece.Literal(new String(utf8, StandardCharsets.ISO_8859_1)));
      literal.setLength(0);
    }
  }

  private static LogPiece operator(String text) {
    return switch (text) {
      case "START_TIME" -> LogPiece.Value.START_TIME;
      case "PROTOCOL" -> LogPiece.Value.PROTOCOL;
      case "RESPONSE_CODE" -> LogPiece.Value.RESPONSE_CODE;
      case "RESPONSE_FLAGS" -> LogPiece.Value.RESPONSE_FLAGS;
      case "RESPONSE_CODE_DETAILS" -> LogPiece.Value.RESPONSE_CODE_DETAILS;
      case "BYTES_RECEIVED" -> LogPiece.Value.BYTES_RECEIVED;
      case "BYTES_SENT" -> LogPiece.Value.BYTES_SENT;
      case "DURATION" -> LogPiece.Value.DURATION;
      case "UPSTREAM_HOST" -> LogPiece.Value.UPSTREAM_HOST;
      case "UPSTREAM_CLUSTER" -> LogPiece.Value.UPSTREAM_CLUSTER;
      case "DOWNSTREAM_PEER_URI_SAN" -> LogPiece.Value.DOWNSTREAM_PEER_URI_SAN;
      default -> headerOperator(text);
    };
  }

  /** {@code REQ(NAME?OTHER):LENGTH}, where all but the first name may be left out. */
  private static LogPiece headerOperator(String text) {
    boolean request = text.startsWith("REQ(");
    int close = text.indexOf(')');
    if ((!request && !text.startsWith("RESP(")) || close < 0) {
      throw unknown(text, "is not known");
    }
    String names = text.substring(text.indexOf('(') + 1, close).toLowerCase(Locale.ROOT);
    int question = names.indexOf('?');
    String name = question < 0 ? names : names.substring(0, question);
    @Nullable String other = question < 0 ? null : names.substring(question + 1);
    if (name.isEmpty() || (other != null && other.isEmpty())) {
      throw unknown(text, "names no header");
    }
    return new LogPiece.Header(request, name, other, maxLength(text, close + 1));
  }

  private static int maxLength(String text, int at) {
    if (at == text.length()) {
      return Integer.MAX_VALUE;
    }
    try {
      if (text.charAt(at) == ':') {
        return Integer.parseUnsignedInt(text, at + 1, text.length(), 10);
      }
    } catch (NumberFormatException e) {
      throw unknown(text, "has a length that is no number");
    }
    throw unknown(text, "has something after its header other than :LENGTH");
  }

  private static IllegalArgumentException unknown(String operator, String why) {
    return new IllegalArgumentException(
        "access log format: the operator %" + operator + "% " + why);
  }
}
