package io.kumarun.sidecar.admin;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The text of a response on its way: short ones whole, long ones in chunks, of which one at a time
 * is in memory. A peer that takes none for a while is given up.
 */
final class ResponseText implements Appendable {
  private static final int CHUNK_CHARS = 16 * 1024;
  private static final int PATIENCE_SECONDS = 10;

  private final Channel channel;
  private final Answer answer;
  private final boolean chunked;
  private final boolean keepAlive;
  private final StringBuilder chunk = new StringBuilder();
  private boolean begun;

  ResponseText(Channel channel, Answer answer, @Nullable HttpRequest request, boolean keepAlive) {
    this.channel = channel;
    this.answer = answer;
    this.chunked = request != null && request.protocolVersion().equals(HttpVersion.HTTP_1_1);
    this.keepAlive = keepAlive;
  }

  /** Whether anything was sent. */
  boolean begun() {
    return begun;
  }

  @Override
  public Appendable append(CharSequence text) throws IOException {
    return append(text, 0, text.length());
  }

  @Override
  public Appendable append(CharSequence text, int start, int end) throws IOException {
    int from = start;
    while (from < end) {
      int to = Math.min(end, from + CHUNK_CHARS - chunk.length());
      chunk.append(text, from, to);
      from = to;
      flushIfFull();
    }
    return this;
  }

  @Override
  public Appendable append(char c) throws IOException {
    chunk.append(c);
    flushIfFull();
    return this;
  }

  private void flushIfFull() throws IOException {
    if (chunk.length() < CHUNK_CHARS) {
      return;
    }
    char last = chunk.charAt(chunk.length() - 1);
    boolean cutInTwo = Character.isHighSurrogate(last);
    if (cutInTwo) {
      chunk.setLength(chunk.length() - 1);
    }
    if (!begun) {
      HttpResponse head =
          new DefaultHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()));
      headers(head);
      if (chunked) {
        head.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
      } else {
        head.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
      }
      begun = true;
      channel.write(head);
    }
    sent(channel.writeAndFlush(new DefaultHttpContent(takeChunk())));
    if (cutInTwo) {
      chunk.append(last);
    }
  }

  /**
   * Nothing more comes.
   *
   * @return whether the connection can be used on
   */
  boolean end() throws IOException {
    if (!begun) {
      ByteBuf body = takeChunk();
      HttpResponse whole =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()), body);
      headers(whole);
      whole.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
      begun = true;
      sent(channel.writeAndFlush(whole));
      return keepAlive;
    }
    if (!chunk.isEmpty()) {
      channel.write(new DefaultHttpContent(takeChunk()));
    }
    sent(channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT));
    return keepAlive && chunked; // HTTP/1.0: the end of the connection is the end of the text
  }

  private ByteBuf takeChunk() {
    ByteBuf bytes = Unpooled.buffer(ByteBufUtil.utf8MaxBytes(chunk));
    ByteBufUtil.writeUtf8(bytes, chunk);
    chunk.setLength(0);
    return bytes;
  }

  private void headers(HttpResponse head) {
    head.headers()
        .set(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
        .set(HttpHeaderNames.CACHE_CONTROL, "no-cache, max-age=0")
        .set("x-content-type-options", "nosniff");
    answer.headers().forEach((name, value) -> head.headers().set(name, value));
    if (!keepAlive) {
      head.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }

  private static void sent(ChannelFuture written) throws IOException {
    try {
      if (!written.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("the peer does not read");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    if (!written.isSuccess()) {
      throw new IOException(String.valueOf(written.cause().getMessage()), written.cause());
    }
  }
}
