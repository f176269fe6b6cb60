package io.kumarun.proxy.http.h1;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.kumarun.proxy.http.HeaderMap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.AsciiString;

/**
 * Frames the body of the message being sent, and refuses what would contradict its head. Payload
 * buffers pass through uncopied. One object serves all messages of a connection. Event loop only.
 */
final class OutgoingBody {
  private enum Framing {
    /** The message has no body whatever is written, as the response to a HEAD. */
    NONE,
    /** Nothing may be sent as yet: a tunnel that the peer has not accepted. */
    FORBIDDEN,
    LENGTH,
    CHUNKED,
    UNTIL_CLOSE
  }

  private static final ByteBuf CRLF = constant("\r\n");
  private static final ByteBuf LAST_CHUNK = constant("0\r\n\r\n");
  private static final ByteBuf CRLF_LAST_CHUNK = constant("\r\n0\r\n\r\n");
  private static final int MAX_SIZE_LINE = 10;

  private final ChannelHandlerContext ctx;
  private Framing framing = Framing.NONE;
  private long remaining;

  OutgoingBody(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  private static ByteBuf constant(String text) {
    byte[] octets = text.getBytes(US_ASCII);
    return Unpooled.unreleasableBuffer(
        Unpooled.directBuffer(octets.length, octets.length).writeBytes(octets));
  }

  void beginNone() {
    framing = Framing.NONE;
  }

  void beginForbidden() {
    framing = Framing.FORBIDDEN;
  }

  void beginLength(long length) {
    framing = Framing.LENGTH;
    remaining = length;
  }

  void beginChunked() {
    framing = Framing.CHUNKED;
  }

  void beginUntilClose() {
    framing = Framing.UNTIL_CLOSE;
  }

  /** Whether only the end of the connection ends the body. */
  boolean endsWithConnection() {
    return framing == Framing.UNTIL_CLOSE;
  }

  /**
   * Writes body bytes and releases them.
   *
   * @return false where they contradict the head: the connection is of no use any more
   */
  boolean write(ByteBuf data, boolean end) {
    int length = data.readableBytes();
    switch (framing) {
      case NONE -> {
        data.release();
        return true;
      }
      case FORBIDDEN -> {
        data.release();
        return length == 0;
      }
      case LENGTH -> {
        if (length > remaining) {
          data.release();
          return false;
        }
        remaining -= length;
        writeData(data, length);
        return !end || remaining == 0;
      }
      case CHUNKED -> {
        writeChunk(data, length, end);
        return true;
      }
      case UNTIL_CLOSE -> {
        writeData(data, length);
        return true;
      }
    }
    throw new AssertionError(framing);
  }

  private void writeData(ByteBuf data, int length) {
    if (length == 0) {
      data.release();
    } else {
      ctx.write(data, ctx.voidPromise());
    }
  }

  private void writeChunk(ByteBuf data, int length, boolean end) {
    if (length == 0) {
      data.release();
      if (end) {
        ctx.write(LAST_CHUNK.duplicate(), ctx.voidPromise());
      }
      return;
    }
    ctx.write(sizeLine(length), ctx.voidPromise());
    ctx.write(data, ctx.voidPromise());
    ctx.write((end ? CRLF_LAST_CHUNK : CRLF).duplicate(), ctx.voidPromise());
  }

  private ByteBuf sizeLine(int length) {
    ByteBuf line = ctx.alloc().directBuffer(MAX_SIZE_LINE);
    int shift = (31 - Integer.numberOfLeadingZeros(length)) & ~3;
    for (; shift >= 0; shift -= 4) {
      line.writeByte("0123456789abcdef".charAt((length >> shift) & 15));
    }
    OutgoingFields.endLine(line);
    return line;
  }

  /**
   * Ends the body with trailers, which only chunks can carry.
   *
   * @return false where the body is shorter than its head said
   */
  boolean writeTrailers(HeaderMap trailers) {
    if (framing != Framing.CHUNKED) {
      return framing != Framing.LENGTH || remaining == 0;
    }
    ByteBuf out = ctx.alloc().directBuffer(trailers.byteSize() + 4 * trailers.size() + 8);
    out.writeByte('0');
    OutgoingFields.endLine(out);
    for (int i = 0; i < trailers.size(); i++) {
      AsciiString name = trailers.name(i);
      AsciiString value = trailers.value(i);
      if (!TrailerFields.isForbidden(name) && Octets.isToken(name) && Octets.isFieldText(value)) {
        OutgoingFields.encode(name, value, out);
      }
    }
    OutgoingFields.endLine(out);
    ctx.write(out, ctx.voidPromise());
    return true;
  }
}
