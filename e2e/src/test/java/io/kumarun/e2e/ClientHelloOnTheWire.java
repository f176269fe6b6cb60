package io.kumarun.e2e;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A ClientHello (RFC 8446 §4.1.2), read by rules of its own so that a test does not share mistakes
 * with the program.
 *
 * @param serverName the bytes of the first server name; empty if there is none
 * @param protocols ALPN
 * @param cipherSuites without the reserved values of RFC 8701
 */
record ClientHelloOnTheWire(
    byte[] serverName, List<String> protocols, List<Integer> cipherSuites, List<Integer> versions) {

  static ClientHelloOnTheWire read(byte[] handshakeMessage) {
    ByteBuffer in = ByteBuffer.wrap(handshakeMessage);
    in.position(1 + 3 + 2 + 32); // type, length, version, random
    part(in, in.get() & 0xff); // session id
    List<Integer> cipherSuites = shorts(part(in, in.getShort() & 0xffff));
    part(in, in.get() & 0xff); // compression
    byte[] serverName = {};
    List<String> protocols = new ArrayList<>();
    List<Integer> versions = List.of();
    ByteBuffer extensions = part(in, in.getShort() & 0xffff);
    while (extensions.hasRemaining()) {
      int type = extensions.getShort() & 0xffff;
      ByteBuffer data = part(extensions, extensions.getShort() & 0xffff);
      switch (type) {
        case 0 -> { // server_name: list length, name type, name
          data.getShort();
          data.get();
          serverName = bytes(part(data, data.getShort() & 0xffff));
        }
        case 16 -> { // application_layer_protocol_negotiation
          data.getShort();
          while (data.hasRemaining()) {
            byte[] name = bytes(part(data, data.get() & 0xff));
            protocols.add(new String(name, StandardCharsets.US_ASCII));
          }
        }
        case 43 -> versions = shorts(part(data, data.get() & 0xff));
        default -> {}
      }
    }
    return new ClientHelloOnTheWire(serverName, List.copyOf(protocols), cipherSuites, versions);
  }

  private static ByteBuffer part(ByteBuffer in, int length) {
    ByteBuffer part = in.slice(in.position(), length);
    in.position(in.position() + length);
    return part;
  }

  private static byte[] bytes(ByteBuffer in) {
    byte[] bytes = new byte[in.remaining()];
    in.get(bytes);
    return bytes;
  }

  private static List<Integer> shorts(ByteBuffer in) {
    List<Integer> values = new ArrayList<>();
    while (in.hasRemaining()) {
      int value = in.getShort() & 0xffff;
      if ((value & 0x0f0f) != 0x0a0a) {
        values.add(value);
      }
    }
    return List.copyOf(values);
  }
}
