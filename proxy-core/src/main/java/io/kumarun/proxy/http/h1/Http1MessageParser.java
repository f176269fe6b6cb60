package io.kumarun.proxy.http.h1;

import static java.util.Objects.requireNonNull;

import io.kumarun.proxy.http.HeaderMap;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads the messages of one direction of a connection, step by step, from a buffer that grows at
 * its end; consumes what it understood. Knows no channel. After a message it waits for {@link
 * #next}, after a violation it takes no more. Event loop only.
 */
abstract sealed class Http1MessageParser permits Http1RequestParser, Http1ResponseParser {
  private enum State {
    START_LINE,
    FIELDS,
    BODY,
    FAILED
  }

  private static final int MIN_FIELDS = 20;

  final MessageFields fields = new MessageFields();
  final BodyParser body;

  private final Http1Limits limits;
  private final LineReader lines = new LineReader();
  private final FieldSection section;
  private State state = State.START_LINE;
  private int emptyLineBytes;
  private @Nullable HeaderMap headers;
  private @Nullable Http1Violation violation;

  Http1MessageParser(Http1Limits limits) {
    this.limits = limits;
    this.section = new FieldSection(limits, lines);
    this.body = new BodyParser(limits, lines);
  }

  /** Reads a start line and adds its pseudo-headers; returns what is wrong with it, or null. */
  abstract @Nullable Http1Violation readStartLine(byte[] line, HeaderMap headers);

  /** Judges a complete head, and says to {@link #body} what follows. */
  abstract @Nullable Http1Violation endHead(HeaderMap headers);

  /** Whether empty lines may come before the start line (RFC 9112 §2.2: before a request). */
  abstract boolean skipsEmptyLines();

  /** Finds the next event; never looks at a byte twice. */
  Http1Event advance(ByteBuf in) {
    return switch (state) {
      case START_LINE -> advanceStartLine(in);
      case FIELDS -> advanceFields(in);
      case BODY -> {
        Http1Event event = body.advance(in);
        yield event == Http1Event.VIOLATION ? fail(body.violation()) : event;
      }
      case FAILED -> Http1Event.NEED_MORE;
    };
  }

  private Http1Event advanceStartLine(ByteBuf in) {
    while (true) {
      int room = limits.maxHeadBytes() - emptyLineBytes;
      int length = lines.find(in, Math.min(room, limits.maxStartLineBytes()));
      switch (length) {
        case LineReader.INCOMPLETE -> {
          return Http1Event.NEED_MORE;
        }
        case LineReader.TOO_LONG -> {
          return fail(Http1Violation.HEAD_TOO_LARGE);
        }
        case LineReader.BARE_LF -> {
          return fail(Http1Violation.BARE_LF);
        }
        default -> {
          byte[] line = lines.take(in, length);
          if (line.length == 0 && skipsEmptyLines()) {
            emptyLineBytes += length;
            continue;
          }
          HeaderMap begun = new HeaderMap(MIN_FIELDS);
          Http1Violation wrong = readStartLine(line, begun);
          if (wrong != null) {
            return fail(wrong);
          }
          headers = begun;
          section.begin(begun, emptyLineBytes + length);
          state = State.FIELDS;
          return advanceFields(in);
        }
      }
    }
  }

  private Http1Event advanceFields(ByteBuf in) {
    if (!section.advance(in)) {
      Http1Violation wrong = section.violation();
      return wrong == null ? Http1Event.NEED_MORE : fail(wrong);
    }
    Http1Violation wrong = endHead(requireNonNull(headers));
    if (wrong != null) {
      return fail(wrong);
    }
    state = State.BODY;
    return Http1Event.HEAD;
  }

  private Http1Event fail(Http1Violation wrong) {
    violation = wrong;
    headers = null;
    state = State.FAILED;
    return Http1Event.VIOLATION;
  }

  /** The head of the last {@link Http1Event#HEAD}. */
  HeaderMap takeHead() {
    HeaderMap taken = requireNonNull(headers);
    headers = null;
    return taken;
  }

  /** The bytes of the last {@link Http1Event#DATA}; the caller releases them. */
  ByteBuf takeData() {
    return body.takeData();
  }

  /** The fields of the last {@link Http1Event#TRAILERS}. */
  HeaderMap takeTrailers() {
    return body.takeTrailers();
  }

  /** What the last {@link Http1Event#VIOLATION} was. */
  Http1Violation violation() {
    return requireNonNull(violation);
  }

  /** Whether the message is complete; {@link #advance} waits for {@link #next}. */
  boolean ended() {
    return state == State.BODY && body.ended();
  }

  /** Whether a start line or more of a message was read and the message is not complete. */
  boolean insideMessage() {
    return state == State.FIELDS || (state == State.BODY && !body.ended());
  }

  /** Whether a head was begun, if only with empty lines, and is not complete. */
  boolean insideHead() {
    return state == State.FIELDS || (state == State.START_LINE && emptyLineBytes > 0);
  }

  /** Whether bytes have to wait until {@link #next} or {@link #switchToTunnel}. */
  boolean blocked() {
    return state == State.BODY && body.blocked();
  }

  /** From here on every byte is data: after a 101, or a CONNECT that was accepted. */
  void switchToTunnel() {
    body.beginUntilClose();
  }

  /** Gets ready for the next message. */
  void next() {
    state = State.START_LINE;
    emptyLineBytes = 0;
    headers = null;
    lines.reset();
  }
}
