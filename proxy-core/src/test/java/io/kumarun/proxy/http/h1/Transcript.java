package io.kumarun.proxy.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HttpStreamHandler;
import io.kumarun.proxy.http.StreamError;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a stream's handler heard, one line an event, adjacent data joined. Fails when events come in
 * an order that no stream may have.
 */
class Transcript implements HttpStreamHandler {
  final List<String> events;
  private final StringBuilder data = new StringBuilder();
  private boolean head;
  private boolean ended;
  private boolean tunnel;
  private boolean reset;

  Transcript() {
    this(new ArrayList<>());
  }

  Transcript(List<String> events) {
    this.events = events;
  }

  /** The events so far. */
  String text() {
    flush();
    return String.join("\n", events);
  }

  private void flush() {
    if (!data.isEmpty()) {
      events.add("data " + data);
      data.setLength(0);
    }
  }

  void event(String text) {
    flush();
    events.add(text);
  }

  /** From here on data may follow an end. */
  void switchToTunnel() {
    tunnel = true;
  }

  @Override
  public void onInformational(HeaderMap headers) {
    assertThat(head).isFalse();
    event("informational " + line(headers));
  }

  @Override
  public void onHeaders(HeaderMap headers, boolean endStream) {
    assertThat(head || reset).as("a second head").isFalse();
    head = true;
    ended = endStream;
    event("head " + line(headers) + (endStream ? " END" : ""));
  }

  @Override
  public void onData(ByteBuf bytes, boolean endStream) {
    assertThat(bytes.refCnt()).isPositive();
    String text = bytes.toString(StandardCharsets.ISO_8859_1);
    bytes.release();
    assertThat(head).as("data before a head").isTrue();
    assertThat((ended && !tunnel) || reset).as("data after the end").isFalse();
    data.append(text);
    if (endStream) {
      ended = true;
      event("END");
    }
  }

  @Override
  public void onTrailers(HeaderMap trailers) {
    assertThat(head && !ended && !reset).isTrue();
    ended = true;
    event("trailers " + line(trailers));
  }

  @Override
  public void onReset(StreamError error) {
    assertThat(reset).as("reset twice").isFalse();
    reset = true;
    event("reset " + error);
  }

  @Override
  public void onWritabilityChanged() {}

  boolean ended() {
    return ended;
  }

  boolean wasReset() {
    return reset;
  }

  static String line(HeaderMap headers) {
    return headers.toString().strip().replace("\n", " | ");
  }
}
