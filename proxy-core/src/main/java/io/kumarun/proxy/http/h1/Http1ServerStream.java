package io.kumarun.proxy.http.h1;

import static java.util.Objects.requireNonNull;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HeaderNames;
import io.kumarun.proxy.http.HttpStream;
import io.kumarun.proxy.http.HttpStreamHandler;
import io.kumarun.proxy.http.StreamError;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/** One exchange of a server connection: takes the request's events, writes the response. */
final class Http1ServerStream implements HttpStream {
  private final Http1ServerConnection connection;
  private final boolean http11;
  private final boolean persistent;
  private final boolean upgrade;
  private final boolean connect;
  private boolean toHead;
  private @Nullable HttpStreamHandler handler;
  private boolean requestEnded;
  private boolean headWritten;
  private boolean close;
  private boolean done;

  Http1ServerStream(Http1ServerConnection connection, Http1RequestParser request) {
    this.connection = connection;
    this.http11 = request.http11();
    this.persistent = request.persistent();
    this.upgrade = request.upgrade();
    this.connect = request.connect();
  }

  /** For a response to a request whose head is not complete: of its version nothing is known. */
  Http1ServerStream(Http1ServerConnection connection) {
    this.connection = connection;
    this.http11 = true;
    this.persistent = false;
    this.upgrade = false;
    this.connect = false;
  }

  void begin(HttpStreamHandler handler, HeaderMap head, boolean ended) {
    this.handler = handler;
    toHead = Methods.HEAD.equals(head.method());
    requestEnded = ended;
    if (!done) {
      handler.onHeaders(head, ended);
    }
  }

  void onData(ByteBuf data, boolean ended) {
    requestEnded = ended;
    handler().onData(data, ended);
  }

  void onTrailers(HeaderMap trailers) {
    requestEnded = true;
    handler().onTrailers(trailers);
  }

  void onWritabilityChanged() {
    handler().onWritabilityChanged();
  }

  /** The connection or the peer ends the stream. */
  void terminate(StreamError error) {
    HttpStreamHandler told = handler;
    if (!done && told != null) {
      done = true;
      told.onReset(error);
    }
  }

  private HttpStreamHandler handler() {
    return requireNonNull(handler, "written to before its head was delivered");
  }

  boolean headWritten() {
    return headWritten;
  }

  @Override
  public void writeHeaders(HeaderMap headers, boolean endStream) {
    if (done || headWritten) {
      return;
    }
    OutgoingFields fields = connection.outgoing;
    AsciiString statusText = headers.get(HeaderNames.STATUS);
    long status = statusText == null ? -1 : Octets.decimal(statusText);
    if (status < 100 || status > 999 || !fields.prepare(headers)) {
      fail();
      return;
    }
    if (status < 200 && status != 101) {
      writeInformational(headers, (int) status, endStream);
      return;
    }
    headWritten = true;
    boolean tunnel = isTunnel(status);
    if (status == 101 && !tunnel) {
      fail();
      return;
    }
    writeFinal(headers, (int) status, tunnel, endStream);
  }

  private boolean isTunnel(long status) {
    return status == 101 ? upgrade && requestEnded : connect && status >= 200 && status < 300;
  }

  /** RFC 9110 §15.2: an HTTP/1.0 peer does not know informational responses. */
  private void writeInformational(HeaderMap headers, int status, boolean endStream) {
    if (endStream) {
      fail();
    } else if (http11) {
      headers.remove(HeaderNames.CONTENT_LENGTH);
      ByteBuf out = beginHead(headers, status);
      OutgoingFields.endLine(out);
      connection.write(out);
    }
  }

  private void writeFinal(HeaderMap headers, int status, boolean tunnel, boolean endStream) {
    OutgoingFields fields = connection.outgoing;
    OutgoingBody body = connection.body();
    byte[] framing = null;
    close = connection.draining() || !persistent || fields.close() || !requestEnded;
    if (tunnel) {
      headers.remove(HeaderNames.CONTENT_LENGTH);
      body.beginUntilClose();
    } else if (toHead || status == 204 || status == 304) {
      if (status == 204) {
        headers.remove(HeaderNames.CONTENT_LENGTH);
      }
      if (toHead
          && http11
          && fields.contentLength() == OutgoingFields.NO_LENGTH
          && status / 100 == 2
          && status != 204) {
        // What a response to GET would have (RFC 9112 §6.1); Envoy says it, too.
        framing = FramingLines.CHUNKED;
      }
      body.beginNone();
    } else if (fields.contentLength() != OutgoingFields.NO_LENGTH) {
      if (endStream && fields.contentLength() > 0) {
        fail();
        return;
      }
      body.beginLength(fields.contentLength());
    } else if (endStream) {
      framing = FramingLines.CONTENT_LENGTH_0;
      body.beginNone();
    } else if (http11) {
      framing = FramingLines.CHUNKED;
      body.beginChunked();
    } else {
      close = true;
      body.beginUntilClose();
    }
    ByteBuf out = beginHead(headers, status);
    if (framing != null) {
      out.writeBytes(framing);
    }
    byte[] connectionLine = connectionLine(tunnel);
    if (connectionLine != null) {
      out.writeBytes(connectionLine);
    }
    OutgoingFields.endLine(out);
    connection.write(out);
    if (tunnel) {
      close = true;
      requestEnded = false;
      connection.switchToTunnel();
    }
    if (endStream) {
      end();
    }
  }

  private ByteBuf beginHead(HeaderMap headers, int status) {
    byte[] statusLine = StatusLines.of(status, http11);
    ByteBuf out =
        connection
            .ctx()
            .alloc()
            .directBuffer(statusLine.length + connection.outgoing.bytes() + FramingLines.ROOM);
    out.writeBytes(statusLine);
    OutgoingFields.encode(headers, out);
    return out;
  }

  private byte @Nullable [] connectionLine(boolean tunnel) {
    boolean closing = close && !tunnel;
    if (connection.outgoing.upgrade()) {
      return closing ? FramingLines.CONNECTION_UPGRADE_CLOSE : FramingLines.CONNECTION_UPGRADE;
    }
    if (closing) {
      return FramingLines.CONNECTION_CLOSE;
    }
    return http11 ? null : FramingLines.CONNECTION_KEEP_ALIVE;
  }

  @Override
  public void writeData(ByteBuf data, boolean endStream) {
    if (done || !headWritten) {
      data.release();
      return;
    }
    if (!connection.body().write(data, endStream)) {
      fail();
      return;
    }
    connection.requestFlush();
    if (endStream) {
      end();
    }
  }

  @Override
  public void writeTrailers(HeaderMap trailers) {
    if (done || !headWritten) {
      return;
    }
    if (!connection.body().writeTrailers(trailers)) {
      fail();
      return;
    }
    connection.requestFlush();
    end();
  }

  private void end() {
    done = true;
    connection.onResponseEnded(requestEnded, close);
  }

  /** What was written is no response: tells the handler, but not from inside its own call. */
  private void fail() {
    done = true;
    connection.onStreamReset();
    HttpStreamHandler told = handler;
    if (told != null) {
      connection.ctx().executor().execute(() -> told.onReset(StreamError.PROTOCOL_ERROR));
    }
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
  public Channel channel() {
    return connection.channel();
  }

  @Override
  public HttpVersion version() {
    return http11 ? HttpVersion.HTTP_1_1 : HttpVersion.HTTP_1_0;
  }
}
