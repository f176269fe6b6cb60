package io.kumarun.proxy.listener;

import io.kumarun.proxy.config.FilterChainMatch.Transport;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads SNI and ALPN out of a ClientHello (RFC 8446 §4.1.2, RFC 6066 §3, RFC 7301) without taking
 * part in the handshake. Pure; the buffer's reader index does not move. The hello may be spread
 * over several records and come in any pieces.
 */
final class ClientHello {
  /** As Envoy's TLS inspector: a larger hello is no TLS that we know. */
  static final int MAX_BYTES = 16 * 1024;

  private static final int RECORD_HEADER = 5;
  private static final int HANDSHAKE_RECORD = 22;
  private static final int CLIENT_HELLO = 1;
  private static final int SERVER_NAME = 0;
  private static final int ALPN = 16;

  private ClientHello() {}

  /**
   * Looks at what has come so far.
   *
   * @return null: more bytes are needed
   */
  static @Nullable Inspection inspect(ByteBuf in) {
    int readable = in.readableBytes();
    if (readable == 0) {
      return null;
    }
    int start = in.readerIndex();
    if (in.getByte(start) != HANDSHAKE_RECORD) {
      return Inspection.CLEARTEXT;
    }
    if (readable >= 2 && in.getByte(start + 1) != 3) {
      return Inspection.CLEARTEXT;
    }
    byte[] hello = handshakeBytes(in);
    if (hello == null) {
      return readable >= MAX_BYTES ? Inspection.CLEARTEXT : null;
    }
    if (hello.length == 0) {
      return Inspection.CLEARTEXT;
    }
    return new Parser(hello).parse();
  }

  /** The ClientHello put together from its records; null: incomplete; empty: none. */
  private static byte @Nullable [] handshakeBytes(ByteBuf in) {
    int at = in.readerIndex();
    int end = in.writerIndex();
    byte[] joined = new byte[Math.min(in.readableBytes(), MAX_BYTES)];
    int used = 0;
    int wanted = -1;
    while (true) {
      if (end - at < RECORD_HEADER) {
        return null;
      }
      int length = in.getUnsignedShort(at + 3);
      if (in.getByte(at) != HANDSHAKE_RECORD || in.getByte(at + 1) != 3 || length == 0) {
        return new byte[0];
      }
      int available = Math.min(length, end - at - RECORD_HEADER);
      int room = Math.min(available, joined.length - used);
      in.getBytes(at + RECORD_HEADER, joined, used, room);
      used += room;
      if (wanted < 0 && used >= 4) {
        if (joined[0] != CLIENT_HELLO) {
          return new byte[0];
        }
        wanted = 4 + ((joined[1] & 0xff) << 16 | (joined[2] & 0xff) << 8 | (joined[3] & 0xff));
        if (wanted > MAX_BYTES) {
          return new byte[0];
        }
      }
      if (wanted >= 0 && used >= wanted) {
        byte[] hello = new byte[wanted - 4];
        System.arraycopy(joined, 4, hello, 0, hello.length);
        return hello.length == 0 ? new byte[0] : hello;
      }
      if (available < length) {
        return null;
      }
      at += RECORD_HEADER + length;
    }
  }

  /** Walks the fields; anything malformed is TLS whose names are unknown. */
  private static final class Parser {
    private final byte[] bytes;
    private int at;
    private String serverName = "";
    private final List<String> protocols = new ArrayList<>(2);

    Parser(byte[] bytes) {
      this.bytes = bytes;
    }

    Inspection parse() {
      try {
        walk();
      } catch (IndexOutOfBoundsException e) {
        // The handshake itself will refuse it, with an alert; chains are chosen without names.
        return new Inspection(Transport.TLS, "", List.of());
      }
      return new Inspection(Transport.TLS, serverName, List.copyOf(protocols));
    }

    private void walk() {
      skip(2 + 32);
      skip(u8());
      skip(u16());
      skip(u8());
      if (at == bytes.length) {
        return;
      }
      int end = at + 2 + peek16();
      at += 2;
      while (at < end) {
        int type = u16();
        int length = u16();
        int next = at + length;
        if (next > bytes.length) {
          throw new IndexOutOfBoundsException();
        }
        if (type == SERVER_NAME && length > 0) {
          serverName(next);
        } else if (type == ALPN && length > 0) {
          alpn(next);
        }
        at = next;
      }
    }

    private void serverName(int end) {
      u16();
      while (at < end) {
        int kind = u8();
        int length = u16();
        if (kind == 0) {
          serverName = text(length).toLowerCase(Locale.ROOT);
          return;
        }
        skip(length);
      }
    }

    private void alpn(int end) {
      u16();
      while (at < end) {
        protocols.add(text(u8()));
      }
    }

    private String text(int length) {
      if (at + length > bytes.length) {
        throw new IndexOutOfBoundsException();
      }
      String text = new String(bytes, at, length, StandardCharsets.ISO_8859_1);
      at += length;
      return text;
    }

    private int u8() {
      return bytes[at++] & 0xff;
    }

    private int u16() {
      return u8() << 8 | u8();
    }

    private int peek16() {
      return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
    }

    private void skip(int count) {
      at += count;
      if (at > bytes.length) {
        throw new IndexOutOfBoundsException();
      }
    }
  }
}
