package io.kumarun.e2e;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1 message as it was on the wire, with what cannot be the same twice replaced. Reads
 * whatever comes and judges nothing.
 *
 * @param fields sorted
 * @param body its octets without their framing
 * @param framing how its end was found
 * @param end whether it is complete
 */
record WireMessage(String startLine, List<String> fields, String body, Framing framing, End end) {
  /** Bytes as characters. */
  static final Charset OCTETS = StandardCharsets.ISO_8859_1;

  private static final int LONG = 100;
  private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  enum Framing {
    NONE,
    LENGTH,
    CHUNKED,
    UNTIL_CLOSE
  }

  enum End {
    COMPLETE,
    CUT
  }

  /** Whether a message has no body, asked when its first line is known. */
  private interface Bodies {
    boolean none(String startLine);
  }

  /** Reads a request, its head only or all of it; null if nothing comes any more. */
  static @Nullable WireMessage request(InputStream in, boolean headOnly) throws IOException {
    return read(in, start -> headOnly, false);
  }

  /** Reads a response; null if nothing comes any more. */
  static @Nullable WireMessage response(InputStream in, boolean toHead) throws IOException {
    return read(
        in,
        start -> {
          int status = status(start);
          return (toHead && status >= 200) || status < 200 || status == 204 || status == 304;
        },
        true);
  }

  private static @Nullable WireMessage read(InputStream in, Bodies bodies, boolean untilClose)
      throws IOException {
    String start = line(in);
    if (start == null) {
      return null;
    }
    List<String> fields = new ArrayList<>();
    Reader reader = new Reader(in);
    End end = reader.fields(fields);
    Framing framing = framing(fields, untilClose);
    if (bodies.none(start)) {
      framing = Framing.NONE;
    }
    if (end == End.COMPLETE) {
      end = reader.body(framing, fields);
    }
    Collections.sort(fields);
    return new WireMessage(start, List.copyOf(fields), reader.body.toString(), framing, end);
  }

  private static Framing framing(List<String> fields, boolean untilClose) {
    Framing framing = untilClose ? Framing.UNTIL_CLOSE : Framing.NONE;
    for (String field : fields) {
      String lower = field.toLowerCase(Locale.ROOT);
      if (lower.equals("transfer-encoding: chunked")) {
        return Framing.CHUNKED;
      } else if (lower.startsWith("content-length:")) {
        framing = Framing.LENGTH;
      }
    }
    return framing;
  }

  private static final class Reader {
    private final InputStream in;
    private final StringBuilder body = new StringBuilder();

    Reader(InputStream in) {
      this.in = in;
    }

    End fields(List<String> into) throws IOException {
      while (true) {
        String field = lineOrNull(in);
        if (field == null) {
          return End.CUT;
        }
        if (field.isEmpty()) {
          return End.COMPLETE;
        }
        into.add(field);
      }
    }

    End body(Framing framing, List<String> fields) throws IOException {
      return switch (framing) {
        case NONE -> End.COMPLETE;
        case LENGTH -> octets(length(fields));
        case UNTIL_CLOSE -> octets(Long.MAX_VALUE);
        case CHUNKED -> chunks(fields);
      };
    }

    private End octets(long length) throws IOException {
      for (long read = 0; read < length; read++) {
        int octet;
        try {
          octet = in.read();
        } catch (IOException e) {
          return End.CUT;
        }
        if (octet < 0) {
          return length == Long.MAX_VALUE ? End.COMPLETE : End.CUT;
        }
        body.append((char) octet);
      }
      return End.COMPLETE;
    }

    private End chunks(List<String> fields) throws IOException {
      while (true) {
        String size = lineOrNull(in);
        if (size == null || !size.matches("[0-9a-fA-F]{1,8}")) {
          return End.CUT;
        }
        long length = Long.parseLong(size, 16);
        if (length == 0) {
          List<String> trailers = new ArrayList<>();
          End end = fields(trailers);
          trailers.forEach(trailer -> fields.add("~ trailer " + trailer));
          return end;
        }
        if (octets(length) == End.CUT || lineOrNull(in) == null) {
          return End.CUT;
        }
      }
    }

    private static long length(List<String> fields) {
      for (String field : fields) {
        if (field.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
          return Long.parseLong(field.substring("content-length:".length()).strip());
        }
      }
      return 0;
    }
  }

  /** The next line, null at the end; fails where nothing comes in time. */
  private static @Nullable String line(InputStream in) throws IOException {
    int first = in.read();
    if (first < 0) {
      return null;
    }
    String rest = first == '\n' ? "" : lineOrNull(in);
    if (rest == null) {
      throw new EOFException("cut in its first line");
    }
    return first == '\r' || first == '\n' ? rest : (char) first + rest;
  }

  private static @Nullable String lineOrNull(InputStream in) {
    StringBuilder line = new StringBuilder();
    while (true) {
      int octet;
      try {
        octet = in.read();
      } catch (IOException e) {
        return null;
      }
      if (octet < 0) {
        return null;
      }
      if (octet == '\n') {
        int last = line.length() - 1;
        return last >= 0 && line.charAt(last) == '\r' ? line.substring(0, last) : line.toString();
      }
      line.append((char) octet);
    }
  }

  private static int status(String startLine) {
    return startLine.matches("HTTP/1\\.[01] [0-9]{3}.*")
        ? Integer.parseInt(startLine.substring(9, 12))
        : 999;
  }

  boolean isInformational() {
    return status(startLine) < 200 && status(startLine) != 101;
  }

  /** Whether its sender says that it closes the connection, or has to. */
  boolean isLast() {
    return framing == Framing.UNTIL_CLOSE
        || fields.stream().anyMatch(field -> field.equalsIgnoreCase("connection: close"));
  }

  /** As lines to compare. */
  List<String> text() {
    List<String> text = new ArrayList<>();
    text.add(shown(startLine));
    fields.forEach(field -> text.add("  " + shown(normal(field))));
    if (framing != Framing.NONE || end == End.CUT) {
      text.add("  -> " + framing + " " + end + " " + shown(body));
    }
    return text;
  }

  private static String normal(String field) {
    if (field.startsWith("date: ") && field.endsWith(" GMT")) {
      return "date: (now)";
    }
    if (field.matches("x-envoy-upstream-service-time: [0-9]+")) {
      return "x-envoy-upstream-service-time: (milliseconds)";
    }
    return field.startsWith("x-request-id: ") ? UUID.matcher(field).replaceAll("(new)") : field;
  }

  private static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (i == LONG && text.length() > 2 * LONG) {
        return shown + "... " + text.length() + " bytes, hash " + text.hashCode();
      }
      shown.append(c < ' ' || c > '~' ? "\\x%02x".formatted((int) c) : String.valueOf(c));
    }
    return shown.toString();
  }
}
