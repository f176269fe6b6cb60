package io.kumarun.proxy.http.h1;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HeaderNames;
import io.kumarun.proxy.http.HttpStream;
import io.kumarun.proxy.http.HttpStreamHandler;
import io.kumarun.proxy.http.StreamError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/** One exchange of a client connection: writes the request, takes the response's events. */
final class Http1ClientStream implements HttpStream {
  private final Http1ClientConnection connection;
  private final HttpStreamHandler handler;
  private boolean headWritten;
  private boolean requestEnded;
  private boolean received;
  private boolean headReceived;
  private boolean done;

  Http1ClientStream(Http1ClientConnection connection, HttpStreamHandler handler) {
    this.connection = connection;
    this.handler = handler;
  }

  /** Bytes came that belong to the response. */
  void onBytes() {
    received = true;
  }

  void onInformational(HeaderMap headers) {
    handler.onInformational(headers);
  }

  void onHeaders(HeaderMap headers, boolean ended) {
    headReceived = true;
    handler.onHeaders(headers, ended);
  }

  void onData(ByteBuf data, boolean ended) {
    handler.onData(data, ended);
  }

  void onTrailers(HeaderMap trailers) {
    handler.onTrailers(trailers);
  }

  void onWritabilityChanged() {
    handler.onWritabilityChanged();
  }

  /** The end of the connection is the end of the response. */
  void onEndOfInput() {
    done = true;
    handler.onData(Unpooled.EMPTY_BUFFER, true);
  }

  /** The response has ended: nothing more is written. */
  void finish() {
    done = true;
  }

  void terminate(StreamError error) {
    if (!done) {
      done = true;
      handler.onReset(error);
    }
  }

  /** The peer took the upgrade or the CONNECT. */
  void beginTunnel() {
    requestEnded = false;
    connection.body().beginUntilClose();
  }

  boolean headWritten() {
    return headWritten;
  }

  boolean headReceived() {
    return headReceived;
  }

  boolean requestEnded() {
    return requestEnded;
  }

  @Override
  public void writeHeaders(HeaderMap headers, boolean endStream) {
    if (done || headWritten) {
      return;
    }
    headWritten = true;
    OutgoingFields fields = connection.outgoing;
    if (!fields.prepare(headers)) {
      fail();
      return;
    }
    AsciiString method = headers.method();
    AsciiString authority = headers.authority();
    if (authority == null) {
      authority = headers.get(HeaderNames.HOST);
      if (authority != null) {
        // The list can be encoded again: a request may have to go out a second time.
        headers.set(HeaderNames.AUTHORITY, authority);
      }
    }
    AsciiString target =
        method != null && method.equals(Methods.CONNECT) ? authority : headers.path();
    if (method == null
        || target == null
        || !Octets.isToken(method)
        || !Octets.isTarget(target)
        || (authority != null && !authority.isEmpty() && !Octets.isAuthority(authority))) {
      fail();
      return;
    }
    headers.remove(HeaderNames.HOST);
    write(headers, method, target, authority, endStream);
  }

  private void write(
      HeaderMap headers,
      AsciiString method,
      AsciiString target,
      @Nullable AsciiString authority,
      boolean endStream) {
    OutgoingFields fields = connection.outgoing;
    OutgoingBody body = connection.body();
    byte[] framing = null;
    if (method.equals(Methods.CONNECT)) {
      headers.remove(HeaderNames.CONTENT_LENGTH);
      body.beginForbidden();
    } else if (fields.contentLength() != OutgoingFields.NO_LENGTH) {
      if (endStream && fields.contentLength() > 0) {
        fail();
        return;
      }
      body.beginLength(fields.contentLength());
    } else if (endStream) {
      framing = Methods.anticipatesBody(method) ? FramingLines.CONTENT_LENGTH_0 : null;
      body.beginForbidden();
    } else {
      framing = FramingLines.CHUNKED;
      body.beginChunked();
    }
    ByteBuf out = beginHead(method, target, authority);
    OutgoingFields.encode(headers, out);
    if (framing != null) {
      out.writeBytes(framing);
    }
    if (fields.upgrade()) {
      out.writeBytes(FramingLines.CONNECTION_UPGRADE);
    }
    OutgoingFields.endLine(out);
    connection.onRequest(method, fields.upgrade());
    connection.write(out);
    requestEnded = endStream;
  }

  /** The request line, and {@code host} as the first field (RFC 9110 §7.2). */
  private ByteBuf beginHead(
      AsciiString method, AsciiString target, @Nullable AsciiString authority) {
    AsciiString host = authority == null ? AsciiString.EMPTY_STRING : authority;
    int size = method.length() + target.length() + host.length() + 24;
    ByteBuf out =
        connection
            .ctx()
            .alloc()
            .directBuffer(size + connection.outgoing.bytes() + FramingLines.ROOM);
    OutgoingFields.append(method, out);
    out.writeByte(Octets.SP);
    OutgoingFields.append(target, out);
    out.writeBytes(FramingLines.REQUEST_VERSION);
    OutgoingFields.encode(HeaderNames.HOST, host, out);
    return out;
  }

  @Override
  public void writeData(ByteBuf data, boolean endStream) {
    if (done || requestEnded || !headWritten) {
      data.release();
      return;
    }
    if (!connection.body().write(data, endStream)) {
      fail();
      return;
    }
    connection.requestFlush();
    requestEnded = endStream;
  }

  @Override
  public void writeTrailers(HeaderMap trailers) {
    if (done || requestEnded || !headWritten) {
      return;
    }
    if (!connection.body().writeTrailers(trailers)) {
      fail();
      return;
    }
    connection.requestFlush();
    requestEnded = true;
  }

  /** What was written is no request: tells the handler, but not from inside its own call. */
  private void fail() {
    done = true;
    connection.onStreamReset();
    connection.ctx().executor().execute(() -> handler.onReset(StreamError.PROTOCOL_ERROR));
  }

  @Override
  public void reset(StreamError error) {
    if (!done) {
      done = true;
      connection.onStreamReset();
    }
  }

  @Override
  public boolean isWritable() {
    return !done && connection.channel().isWritable();
  }

  @Override
  public void pauseReading() {
    if (!done) {
      connection.setPaused(true);
    }
  }

  @Override
  public void resumeReading() {
    if (!done) {
      connection.setPaused(false);
    }
  }

  @Override
  public boolean hasReceived() {
    return received;
  }

  @Override
  public Channel channel() {
    return connection.channel();
  }

  @Override
  public HttpVersion version() {
    return HttpVersion.HTTP_1_1;
  }
}
