package io.kumarun.proxy.exchange;

import io.netty.util.AsciiString;

/** Milliseconds as header values; those of a fast service are made once. */
final class MillisText {
  private static final AsciiString[] TEXTS = new AsciiString[256];

  static {
    for (int i = 0; i < TEXTS.length; i++) {
      TEXTS[i] = AsciiString.cached(Integer.toString(i));
    }
  }

  private MillisText() {}

  static AsciiString of(long millis) {
    return millis >= 0 && millis < TEXTS.length
        ? TEXTS[(int) millis]
        : new AsciiString(Long.toString(millis));
  }
}
