package io.kumarun.proxy.http.h1;

import static java.util.Objects.requireNonNull;

import io.kumarun.proxy.http.HeaderMap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a message and its trailers (RFC 9112 §6 and §7). Body bytes are retained slices
 * of the input. One object serves all messages of a connection.
 */
final class BodyParser {
  /** Longest chunk size line: the size and its extensions, which are skipped. */
  static final int MAX_CHUNK_LINE = 4 * 1024;

  /** Framing bytes a message may have beyond what its data justifies. */
  static final int MAX_CHUNK_OVERHEAD = 16 * 1024;

  private enum State {
    ENDED,
    TUNNEL_PENDING,
    LENGTH,
    UNTIL_CLOSE,
    CHUNK_SIZE,
    CHUNK_DATA,
    CHUNK_END,
    TRAILERS
  }

  private final LineReader lines;
  private final FieldSection section;
  private State state = State.ENDED;
  private long remaining;
  private long overhead;
  private @Nullable ByteBuf data;
  private @Nullable HeaderMap trailers;
  private @Nullable Http1Violation violation;

  BodyParser(Http1Limits limits, LineReader lines) {
    this.lines = lines;
    this.section = new FieldSection(limits, lines);
  }

  void beginEmpty() {
    state = State.ENDED;
  }

  /** The bytes are kept back until it is known whether they are a tunnel's. */
  void beginTunnelPending() {
    state = State.TUNNEL_PENDING;
  }

  void beginLength(long length) {
    remaining = length;
    state = length == 0 ? State.ENDED : State.LENGTH;
  }

  void beginUntilClose() {
    state = State.UNTIL_CLOSE;
  }

  void beginChunked() {
    state = State.CHUNK_SIZE;
    overhead = 0;
  }

  boolean ended() {
    return state == State.ENDED;
  }

  /** Whether no byte can be understood as this message's. */
  boolean blocked() {
    return state == State.ENDED || state == State.TUNNEL_PENDING;
  }

  /** Whether the end of the connection is the end of the body. */
  boolean endsWithConnection() {
    return state == State.UNTIL_CLOSE;
  }

  Http1Event advance(ByteBuf in) {
    while (in.isReadable()) {
      switch (state) {
        case ENDED, TUNNEL_PENDING -> {
          return Http1Event.NEED_MORE;
        }
        case LENGTH -> {
          if (sliceData(in)) {
            state = State.ENDED;
          }
          return Http1Event.DATA;
        }
        case UNTIL_CLOSE -> {
          data = in.readRetainedSlice(in.readableBytes());
          return Http1Event.DATA;
        }
        case CHUNK_SIZE -> {
          if (!readChunkSize(in)) {
            return missing();
          }
        }
        case CHUNK_DATA -> {
          if (sliceData(in)) {
            state = State.CHUNK_END;
          }
          return Http1Event.DATA;
        }
        case CHUNK_END -> {
          if (!readChunkEnd(in)) {
            return missing();
          }
        }
        case TRAILERS -> {
          if (!section.advance(in)) {
            violation = section.violation();
            return missing();
          }
          return endOfChunks();
        }
      }
    }
    return Http1Event.NEED_MORE;
  }

  private Http1Event missing() {
    return violation == null ? Http1Event.NEED_MORE : Http1Event.VIOLATION;
  }

  /** Takes what there is of {@code remaining}; returns whether that was the rest. */
  private boolean sliceData(ByteBuf in) {
    int length = (int) Math.min(remaining, in.readableBytes());
    data = in.readRetainedSlice(length);
    remaining -= length;
    return remaining == 0;
  }

  private boolean readChunkSize(ByteBuf in) {
    int length = lines.find(in, MAX_CHUNK_LINE);
    switch (length) {
      case LineReader.INCOMPLETE -> {
        return false;
      }
      case LineReader.TOO_LONG -> {
        violation = Http1Violation.CHUNK_OVERHEAD;
        return false;
      }
      case LineReader.BARE_LF -> {
        violation = Http1Violation.BARE_LF;
        return false;
      }
      default -> {
        byte[] line = lines.take(in, length);
        remaining = ChunkSizeLine.size(line);
        if (remaining < 0) {
          violation = ChunkSizeLine.violation(remaining);
          return false;
        }
        return beginChunk(length);
      }
    }
  }

  private boolean beginChunk(int lineLength) {
    // an honest chunk is a short line and more data than framing
    overhead =
        Math.max(0, overhead + lineLength - 16 - 2 * Math.min(remaining, MAX_CHUNK_OVERHEAD));
    if (overhead > MAX_CHUNK_OVERHEAD) {
      violation = Http1Violation.CHUNK_OVERHEAD;
      return false;
    }
    if (remaining > 0) {
      state = State.CHUNK_DATA;
    } else {
      trailers = new HeaderMap(4);
      section.begin(trailers, 0);
      state = State.TRAILERS;
    }
    return true;
  }

  private boolean readChunkEnd(ByteBuf in) {
    int at = in.readerIndex();
    if (in.getByte(at) != Octets.CR
        || (in.readableBytes() > 1 && in.getByte(at + 1) != Octets.LF)) {
      violation = Http1Violation.INVALID_CHUNK_END;
      return false;
    }
    if (in.readableBytes() < 2) {
      return false;
    }
    in.skipBytes(2);
    state = State.CHUNK_SIZE;
    return true;
  }

  private Http1Event endOfChunks() {
    state = State.ENDED;
    HeaderMap fields = requireNonNull(trailers);
    TrailerFields.removeForbidden(fields);
    if (fields.size() > 0) {
      return Http1Event.TRAILERS;
    }
    trailers = null;
    data = Unpooled.EMPTY_BUFFER;
    return Http1Event.DATA;
  }

  /** The bytes of the last {@link Http1Event#DATA}; the caller releases them. */
  ByteBuf takeData() {
    ByteBuf taken = requireNonNull(data);
    data = null;
    return taken;
  }

  /** The fields of the last {@link Http1Event#TRAILERS}. */
  HeaderMap takeTrailers() {
    HeaderMap taken = requireNonNull(trailers);
    trailers = null;
    return taken;
  }

  Http1Violation violation() {
    return requireNonNull(violation);
  }
}
