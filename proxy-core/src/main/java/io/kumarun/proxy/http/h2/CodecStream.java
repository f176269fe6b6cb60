package io.kumarun.proxy.http.h2;

import static java.util.Objects.requireNonNull;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HttpStream;
import io.kumarun.proxy.http.HttpStreamHandler;
import io.kumarun.proxy.http.StreamError;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/**
 * One exchange on an HTTP/2 connection. Netty keeps the state of the protocol's stream; this keeps
 * what the handler has been told: which halves ended, and what is held back while it is paused.
 *
 * <p>Reading: bytes count as consumed when the handler gets them. While it is paused they are held
 * here, unconsumed, so the peer runs out of the stream's window. Event loop only.
 */
abstract sealed class CodecStream implements HttpStream, Runnable
    permits ServerStream, ClientStream {
  final StreamCodec codec;
  private @Nullable Http2Stream stream;

  /** END_STREAM was handed to the encoder. */
  private boolean localEnded;

  /** END_STREAM was received, though perhaps not yet delivered. */
  private boolean remoteEnded;

  /** Nothing is written and nothing is delivered any more. */
  private boolean over;

  private boolean paused;
  private boolean deliveryScheduled;
  private @Nullable HeldBody held;
  private @Nullable HeaderMap heldTrailers;

  /** The stream ended so after its incoming half was complete: told when that is delivered. */
  private @Nullable StreamError heldError;

  private long expectedBody = -1;
  private long receivedBody;

  CodecStream(StreamCodec codec) {
    this.codec = codec;
  }

  abstract HttpStreamHandler handler();

  /** What a head of the peer's means; only before {@link #onHead} accepted one. */
  abstract void onPeerHead(HeaderMap head, boolean endStream);

  abstract boolean peerHeadReceived();

  /** Netty's stream, once there is one. */
  final @Nullable Http2Stream stream() {
    return stream;
  }

  final void bind(Http2Stream stream) {
    this.stream = stream;
    codec.register(stream, this);
  }

  final boolean isOver() {
    return over;
  }

  final boolean isLocalEnded() {
    return localEnded;
  }

  final boolean isRemoteEnded() {
    return remoteEnded;
  }

  // ---- what the peer sends

  final void onHeadersRead(HeaderMap headers, boolean endStream) {
    if (over) {
      return;
    }
    if (!peerHeadReceived()) {
      onPeerHead(headers, endStream);
      return;
    }
    // Netty has checked that trailers end the stream
    String violation = HeadRules.trailers(headers, codec.limits().maxHeaderFields());
    if (violation == null && !isBodyComplete()) {
      violation = HeadRules.INVALID_MESSAGE;
    }
    if (violation != null) {
      violation(violation);
      return;
    }
    remoteEnded = true;
    if (isHolding()) {
      heldTrailers = headers;
    } else {
      handler().onTrailers(headers);
    }
  }

  /** Takes the head that begins the incoming half, or refuses it for its content-length. */
  final boolean acceptHead(HeaderMap head, boolean endStream, boolean bodiless) {
    long length = HeadRules.contentLength(head);
    if (length == -2 || (length > 0 && endStream && !bodiless)) {
      return false;
    }
    expectedBody = bodiless ? 0 : length;
    remoteEnded = endStream;
    return true;
  }

  private boolean isBodyComplete() {
    return expectedBody < 0 || receivedBody == expectedBody;
  }

  /**
   * @return bytes, with padding, that are consumed already
   */
  final int onDataRead(ByteBuf data, int padding, boolean endStream) {
    int length = data.readableBytes();
    if (over) {
      return length + padding;
    }
    receivedBody += length;
    if (!peerHeadReceived()
        || (expectedBody >= 0 && receivedBody > expectedBody)
        || (endStream && !isBodyComplete())) {
      violation(HeadRules.INVALID_MESSAGE);
      return length + padding;
    }
    remoteEnded = endStream;
    if (length == 0 && !endStream) {
      return padding;
    }
    if (isHolding() || (paused && length > 0)) {
      hold(data);
      return padding;
    }
    handler().onData(data.retain(), endStream);
    return length + padding;
  }

  private boolean isHolding() {
    return held != null && !held.isEmpty();
  }

  private void hold(ByteBuf data) {
    if (held == null) {
      held = new HeldBody();
    }
    if (data.isReadable()) {
      held.add(channel().alloc(), data);
    }
  }

  /** Delivers what was held; scheduled by {@link #resumeReading}, never called within it. */
  @Override
  public final void run() {
    deliveryScheduled = false;
    while (!over && !paused && isHolding()) {
      HeldBody body = requireNonNull(held);
      ByteBuf data = body.remove();
      codec.consume(stream, data.readableBytes());
      boolean last = body.isEmpty() && remoteEnded && heldTrailers == null;
      handler().onData(data, last);
    }
    if (over || isHolding()) {
      return;
    }
    if (heldTrailers != null) {
      HeaderMap trailers = heldTrailers;
      heldTrailers = null;
      handler().onTrailers(trailers);
    }
    if (heldError != null && !over) {
      StreamError error = heldError;
      heldError = null;
      terminate(error);
    }
  }

  /** The peer broke a rule: the stream is reset, and the handler hears of it. */
  final void violation(String details) {
    codec.violation(details);
    terminate(StreamError.PROTOCOL_ERROR);
    codec.reset(stream, Http2Error.PROTOCOL_ERROR);
  }

  /**
   * The stream ended, by a reset or with the connection. What the peer completed before is still
   * delivered.
   */
  final void terminate(StreamError error) {
    if (over || heldError != null) {
      return;
    }
    if (remoteEnded && isHolding()) {
      heldError = error;
      return;
    }
    boolean complete = localEnded && remoteEnded;
    finish();
    if (!complete) {
      handler().onReset(error);
    }
  }

  /** Ends the exchange without telling the handler. */
  final void finish() {
    over = true;
    heldTrailers = null;
    if (held != null) {
      held.release();
      held = null;
    }
  }

  final void writabilityChanged() {
    if (!over && !localEnded) {
      handler().onWritabilityChanged();
    }
  }

  // ---- what the handler's side does

  final void write(HeaderMap headers, boolean endStream) {
    localEnded = endStream;
    codec.writeHeaders(requireNonNull(stream), headers, endStream);
  }

  @Override
  public final void writeData(ByteBuf data, boolean endStream) {
    if (over || localEnded || stream == null) {
      data.release();
      return;
    }
    localEnded = endStream;
    codec.writeData(stream, data, endStream);
  }

  @Override
  public final void writeTrailers(HeaderMap trailers) {
    if (!over && !localEnded && stream != null) {
      write(trailers, true);
    }
  }

  @Override
  public void reset(StreamError error) {
    if (over) {
      return;
    }
    boolean complete = localEnded && remoteEnded && !codec.hasQueued(stream);
    finish();
    // after both halves ended there is only what still waits for the peer's window to be given up
    if (!complete) {
      codec.reset(stream, codec.errorCode(error));
    }
  }

  @Override
  public final boolean isWritable() {
    return !over && codec.isWritable(stream);
  }

  @Override
  public final void pauseReading() {
    paused = true;
  }

  @Override
  public final void resumeReading() {
    paused = false;
    if (isHolding() && !deliveryScheduled) {
      deliveryScheduled = true;
      codec.execute(this);
    }
  }

  @Override
  public final Channel channel() {
    return codec.channel();
  }

  @Override
  public final HttpVersion version() {
    return HttpVersion.HTTP_2;
  }
}
