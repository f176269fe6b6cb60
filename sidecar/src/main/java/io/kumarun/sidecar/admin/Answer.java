package io.kumarun.sidecar.admin;

import java.io.IOException;
import java.util.Map;

/**
 * What is sent back.
 *
 * @param headers besides the content type and what is always sent
 */
record Answer(int status, String contentType, Map<String, String> headers, Body body) {
  static final String TEXT = "text/plain; charset=utf-8";
  static final String JSON = "application/json";
  static final String HTML = "text/html; charset=utf-8";

  /** Writes itself; it may throw {@link IllegalArgumentException} before the first character. */
  interface Body {
    void writeTo(Appendable out) throws IOException;
  }

  static Answer text(int status, String text) {
    return new Answer(status, TEXT, Map.of(), out -> out.append(text));
  }

  static Answer of(String contentType, Body body) {
    return new Answer(200, contentType, Map.of(), body);
  }

  Answer with(String header, String value) {
    return new Answer(status, contentType, Map.of(header, value), body);
  }
}
