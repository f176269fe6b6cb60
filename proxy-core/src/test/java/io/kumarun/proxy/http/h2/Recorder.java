package io.kumarun.proxy.http.h2;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HttpStream;
import io.kumarun.proxy.http.HttpStreamHandler;
import io.kumarun.proxy.http.StreamError;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A handler that keeps what it is told. */
class Recorder implements HttpStreamHandler {
  final List<HeaderMap> informational = new ArrayList<>();
  final List<StreamError> resets = new ArrayList<>();
  final StringBuilder body = new StringBuilder();
  @Nullable HttpStream stream;
  @Nullable HeaderMap head;
  @Nullable HeaderMap trailers;
  boolean keepBody = true;
  long bodyBytes;
  int dataEvents;
  int ends;
  int writabilityChanges;

  HttpStream stream() {
    if (stream == null) {
      throw new AssertionError("no stream");
    }
    return stream;
  }

  HeaderMap head() {
    if (head == null) {
      throw new AssertionError("no head");
    }
    return head;
  }

  HeaderMap trailers() {
    if (trailers == null) {
      throw new AssertionError("no trailers");
    }
    return trailers;
  }

  @Override
  public void onInformational(HeaderMap headers) {
    informational.add(headers);
  }

  @Override
  public void onHeaders(HeaderMap headers, boolean endStream) {
    if (head != null) {
      throw new AssertionError("second head");
    }
    head = headers;
    end(endStream);
  }

  @Override
  public void onData(ByteBuf data, boolean endStream) {
    if (keepBody) {
      body.append(data.toString(StandardCharsets.UTF_8));
    }
    bodyBytes += data.readableBytes();
    dataEvents++;
    data.release();
    end(endStream);
  }

  @Override
  public void onTrailers(HeaderMap headers) {
    trailers = headers;
    end(true);
  }

  @Override
  public void onReset(StreamError error) {
    resets.add(error);
  }

  @Override
  public void onWritabilityChanged() {
    writabilityChanges++;
  }

  private void end(boolean endStream) {
    if (ends > 0 || !resets.isEmpty()) {
      throw new AssertionError("event after the end");
    }
    if (endStream) {
      ends++;
    }
  }
}
