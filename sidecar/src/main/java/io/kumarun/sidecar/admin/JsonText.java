package io.kumarun.sidecar.admin;

import java.io.IOException;

/** Texts within JSON (RFC 8259 section 7). */
final class JsonText {
  private JsonText() {}

  static void escape(String text, Appendable out) throws IOException {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c) || c == '\u2028' || c == '\u2029') {
        out.append("\\u").append(hex(c >> 12)).append(hex(c >> 8));
        out.append(hex(c >> 4)).append(hex(c));
      } else {
        out.append(c);
      }
    }
  }

  private static char hex(int nibble) {
    return Character.forDigit(nibble & 0xf, 16);
  }
}
