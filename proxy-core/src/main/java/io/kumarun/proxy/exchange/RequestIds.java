package io.kumarun.proxy.exchange;

import io.netty.util.AsciiString;
import java.util.concurrent.ThreadLocalRandom;

/** Makes {@code x-request-id}s: random UUIDs (version 4), as Envoy does. Any thread. */
final class RequestIds {
  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };

  private RequestIds() {}

  static AsciiString next() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long high = (random.nextLong() & 0xffffffffffff0fffL) | 0x4000L;
    long low = (random.nextLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
    byte[] text = new byte[36];
    write(text, 0, high >>> 32, 8);
    text[8] = '-';
    write(text, 9, high >>> 16, 4);
    text[13] = '-';
    write(text, 14, high, 4);
    text[18] = '-';
    write(text, 19, low >>> 48, 4);
    text[23] = '-';
    write(text, 24, low, 12);
    return new AsciiString(text, false);
  }

  private static void write(byte[] text, int at, long value, int digits) {
    for (int i = digits - 1; i >= 0; i--) {
      text[at + i] = HEX[(int) value & 0xf];
      value >>>= 4;
    }
  }
}
