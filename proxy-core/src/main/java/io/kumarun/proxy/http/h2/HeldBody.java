package io.kumarun.proxy.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;

/**
 * Body bytes that arrived while reading was paused, in order. Large frames are kept as they are;
 * small ones are copied together, for a peer may send a window in frames of one byte, and each
 * would cost an object and hold on to the buffer it was read into. Owns its buffers.
 */
final class HeldBody {
  /** Below this a frame is copied; so a frame kept holds on to at most some ten times its size. */
  static final int SMALL_FRAME = 4096;

  private final ArrayDeque<ByteBuf> chunks = new ArrayDeque<>(4);
  private boolean lastIsCopy;

  boolean isEmpty() {
    return chunks.isEmpty();
  }

  /** Keeps bytes that the caller goes on owning. */
  void add(ByteBufAllocator alloc, ByteBuf data) {
    int length = data.readableBytes();
    if (length >= SMALL_FRAME) {
      chunks.add(data.retain());
      lastIsCopy = false;
      return;
    }
    ByteBuf last = lastIsCopy ? chunks.peekLast() : null;
    if (last == null || last.maxWritableBytes() < length) {
      last = alloc.ioBuffer(Math.max(256, length), 4 * SMALL_FRAME);
      chunks.add(last);
      lastIsCopy = true;
    }
    last.writeBytes(data, data.readerIndex(), length);
  }

  /** The oldest bytes; the caller owns them. */
  ByteBuf remove() {
    return chunks.remove();
  }

  void release() {
    ByteBuf chunk;
    while ((chunk = chunks.poll()) != null) {
      chunk.release();
    }
  }
}
