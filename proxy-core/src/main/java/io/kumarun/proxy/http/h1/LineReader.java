package io.kumarun.proxy.http.h1;

import io.netty.buffer.ByteBuf;

/** Cuts CRLF lines from the front of a buffer that grows, and looks at each byte only once. */
final class LineReader {
  /** The line is not complete. */
  static final int INCOMPLETE = 0;

  static final int TOO_LONG = -1;
  static final int BARE_LF = -2;

  private int scanned;

  /**
   * The bytes of the first line with its CRLF, or one of the constants.
   *
   * @param limit bytes a line may have
   */
  int find(ByteBuf in, int limit) {
    int start = in.readerIndex();
    int lf = in.indexOf(start + scanned, in.writerIndex(), Octets.LF);
    if (lf < 0) {
      scanned = in.readableBytes();
      return scanned > limit ? TOO_LONG : INCOMPLETE;
    }
    int length = lf + 1 - start;
    if (length > limit) {
      return TOO_LONG;
    }
    return length == 1 || in.getByte(lf - 1) != Octets.CR ? BARE_LF : length;
  }

  /** Takes a line that was found from the buffer. Returns it without its CRLF. */
  byte[] take(ByteBuf in, int length) {
    byte[] line = new byte[length - 2];
    in.readBytes(line);
    in.skipBytes(2);
    scanned = 0;
    return line;
  }

  /** Forgets a line that was begun. */
  void reset() {
    scanned = 0;
  }
}
