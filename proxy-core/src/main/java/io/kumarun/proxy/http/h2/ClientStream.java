package io.kumarun.proxy.http.h2;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HttpStreamHandler;
import io.kumarun.proxy.http.StreamError;
import io.netty.util.AsciiString;

/**
 * An exchange that this side began. It has no stream id before its head is written, because ids
 * must reach the peer in order. Event loop only.
 */
final class ClientStream extends CodecStream {
  private static final AsciiString HEAD = AsciiString.cached("HEAD");

  private final Http2ClientConnection connection;
  private final HttpStreamHandler handler;
  private boolean begun;
  private boolean headRequest;
  private boolean received;
  private boolean responded;

  ClientStream(Http2ClientConnection connection, HttpStreamHandler handler) {
    super(connection);
    this.connection = connection;
    this.handler = handler;
  }

  @Override
  HttpStreamHandler handler() {
    return handler;
  }

  @Override
  public void writeHeaders(HeaderMap headers, boolean endStream) {
    if (isOver() || begun) {
      return;
    }
    begun = true;
    AsciiString method = headers.method();
    headRequest = method != null && method.equals(HEAD);
    if (connection.open(this)) {
      write(headers, endStream);
    } else {
      // not within this call, whose caller has not finished writing
      codec.execute(() -> terminate(StreamError.LOCAL_REFUSED));
    }
  }

  @Override
  boolean peerHeadReceived() {
    return responded;
  }

  @Override
  void onPeerHead(HeaderMap head, boolean endStream) {
    received = true;
    String violation = HeadRules.response(head, endStream, codec.limits().maxHeaderFields());
    if (violation != null) {
      violation(violation);
      return;
    }
    int status = head.status();
    if (status < 200) {
      handler.onInformational(head);
      return;
    }
    // RFC 9110 §6.4.1: no content whatever content-length says
    boolean bodiless = headRequest || status == 204 || status == 304;
    if (!acceptHead(head, endStream, bodiless)) {
      violation(HeadRules.INVALID_MESSAGE);
      return;
    }
    responded = true;
    handler.onHeaders(head, endStream);
  }

  @Override
  public boolean hasReceived() {
    return received;
  }

  @Override
  public void reset(StreamError error) {
    if (stream() == null && !isOver()) {
      finish();
      connection.forget(this);
      return;
    }
    super.reset(error);
  }
}
