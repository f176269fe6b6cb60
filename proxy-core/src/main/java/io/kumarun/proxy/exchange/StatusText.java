package io.kumarun.proxy.exchange;

import io.netty.util.AsciiString;

/** {@code :status} values, made once. */
final class StatusText {
  private static final AsciiString[] TEXTS = new AsciiString[600];

  static {
    for (int i = 100; i < TEXTS.length; i++) {
      TEXTS[i] = AsciiString.cached(Integer.toString(i));
    }
  }

  private StatusText() {}

  static AsciiString of(int status) {
    return status >= 100 && status < TEXTS.length
        ? TEXTS[status]
        : new AsciiString(Integer.toString(status));
  }
}
