package io.kumarun.e2e;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads cases from a text. A case begins with {@code ## name: flags}; each {@code > } is a line of
 * the peer and each {@code < } one of the application, with CRLF at its end unless that is a
 * backslash. {@code >...} parts the segments. Within a line there are {@code \n \r \t \0 \xHH \\},
 * and <code>{text*3}</code> is the text three times. {@code #} begins a comment.
 */
final class WireCases {
  private static final Pattern REPEATED = Pattern.compile("[{]([^{}]+?)[*]([0-9]+)[}]");
  private static final Pattern ESCAPED = Pattern.compile("\\\\(?:x([0-9a-fA-F]{2})|(.))");
  private static final String USUAL_REPLY =
      String.join("\r\n", "HTTP/1.1 200 OK", "connection: close", "content-length: 2", "", "ok");

  private final List<WireCase> cases = new ArrayList<>();
  private final List<byte[]> segments = new ArrayList<>();
  private final ByteArrayOutputStream segment = new ByteArrayOutputStream();
  private final ByteArrayOutputStream reply = new ByteArrayOutputStream();
  private String title = "";
  private boolean replies;

  private WireCases() {}

  static List<WireCase> read(String resource) {
    String text;
    try (InputStream in = WireCases.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException("There is no resource " + resource);
      }
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    WireCases reader = new WireCases();
    text.lines().forEach(reader::line);
    reader.endCase();
    return List.copyOf(reader.cases);
  }

  private void line(String line) {
    if (line.startsWith("## ")) {
      endCase();
      title = line.substring(3);
    } else if (line.startsWith("#") || line.isBlank()) {
      return;
    } else if (line.equals(">...")) {
      endSegment();
    } else if (line.startsWith(">")) {
      segment.writeBytes(octets(line.substring(Math.min(2, line.length()))));
    } else if (line.startsWith("<")) {
      replies = true;
      reply.writeBytes(octets(line.substring(Math.min(2, line.length()))));
    } else {
      throw new IllegalArgumentException(title + ": what is " + line);
    }
  }

  private void endSegment() {
    segments.add(segment.toByteArray());
    segment.reset();
  }

  private void endCase() {
    if (title.isEmpty()) {
      return;
    }
    endSegment();
    int colon = title.indexOf(':');
    EnumSet<WireCase.Flag> flags = EnumSet.noneOf(WireCase.Flag.class);
    int responses = 1;
    if (colon > 0) {
      for (String word : title.substring(colon + 1).strip().split(" ", -1)) {
        if (Character.isDigit(word.charAt(0))) {
          responses = Integer.parseInt(word);
        } else {
          flags.add(WireCase.Flag.valueOf(word.toUpperCase(Locale.ROOT)));
        }
      }
    }
    byte[] answer = replies ? reply.toByteArray() : USUAL_REPLY.getBytes(WireMessage.OCTETS);
    cases.add(
        new WireCase(
            colon > 0 ? title.substring(0, colon) : title,
            flags,
            List.copyOf(segments),
            answer,
            responses));
    segments.clear();
    reply.reset();
    replies = false;
  }

  private static byte[] octets(String line) {
    boolean open = line.endsWith("\\") && !line.endsWith("\\\\");
    String text = open ? line.substring(0, line.length() - 1) : line + "\\r\\n";
    String repeated = text;
    for (Matcher inner = REPEATED.matcher(text);
        inner.find(0);
        inner = REPEATED.matcher(repeated)) {
      repeated =
          inner.replaceFirst(
              Matcher.quoteReplacement(inner.group(1).repeat(Integer.parseInt(inner.group(2)))));
    }
    String plain =
        ESCAPED
            .matcher(repeated)
            .replaceAll(
                match ->
                    Matcher.quoteReplacement(
                        match.group(1) != null
                            ? String.valueOf((char) Integer.parseInt(match.group(1), 16))
                            : escaped(match.group(2).charAt(0))));
    return plain.getBytes(WireMessage.OCTETS);
  }

  private static String escaped(char letter) {
    return switch (letter) {
      case 'r' -> "\r";
      case 'n' -> "\n";
      case 't' -> "\t";
      case '0' -> "\0";
      case '\\' -> "\\";
      default -> throw new IllegalArgumentException("\\" + letter + " means nothing");
    };
  }
}
