package io.kumarun.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.proxy.config.FilterChainMatch.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;

class ClientHelloTest {
  private static byte[] hello(String sni, String... alpn) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, null, null);
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName(sni)));
    parameters.setApplicationProtocols(alpn);
    engine.setSSLParameters(parameters);
    ByteBuffer out = ByteBuffer.allocate(32 * 1024);
    engine.wrap(ByteBuffer.allocate(0), out);
    byte[] bytes = new byte[out.flip().remaining()];
    out.get(bytes);
    return bytes;
  }

  @Test
  void nameAndProtocolsAreFoundHoweverTheBytesCome() throws Exception {
    byte[] hello = hello("backend.mesh", "kuma", "h2");

    for (int length = 1; length < hello.length; length++) {
      assertThat(ClientHello.inspect(Unpooled.wrappedBuffer(hello, 0, length)))
          .as("after %d bytes", length)
          .isNull();
    }
    assertThat(ClientHello.inspect(Unpooled.wrappedBuffer(hello)))
        .isEqualTo(new Inspection(Transport.TLS, "backend.mesh", List.of("kuma", "h2")));
  }

  @Test
  void aHelloMayBeSpreadOverRecords() throws Exception {
    byte[] hello = hello("backend.mesh", "kuma");
    ByteBuf split = Unpooled.buffer();
    for (int at = 5; at < hello.length; at += 50) {
      int length = Math.min(50, hello.length - at);
      split.writeByte(22).writeByte(3).writeByte(1).writeShort(length);
      split.writeBytes(hello, at, length);
    }

    assertThat(ClientHello.inspect(split))
        .isEqualTo(new Inspection(Transport.TLS, "backend.mesh", List.of("kuma")));
  }

  @Test
  void otherBytesAreCleartextAtTheFirstByte() {
    assertThat(ClientHello.inspect(bytes("G"))).isEqualTo(Inspection.CLEARTEXT);
    assertThat(ClientHello.inspect(bytes("GET / HTTP/1.1\r\n"))).isEqualTo(Inspection.CLEARTEXT);
    assertThat(ClientHello.inspect(Unpooled.wrappedBuffer(new byte[] {22, 9})))
        .isEqualTo(Inspection.CLEARTEXT);
    assertThat(ClientHello.inspect(Unpooled.EMPTY_BUFFER)).isNull();
  }

  @Test
  void hostileBytesNeverThrow() throws Exception {
    byte[] hello = hello("backend.mesh", "kuma", "h2");
    Random random = new Random(20261124);
    for (int round = 0; round < 20_000; round++) {
      byte[] mutated = hello.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
      }
      ByteBuf buffer = Unpooled.wrappedBuffer(mutated, 0, random.nextInt(mutated.length + 1));

      ClientHello.inspect(buffer);

      assertThat(buffer.readerIndex()).isZero();
    }
  }

  @Test
  void anEndlessHelloIsNotWaitedFor() {
    ByteBuf endless = Unpooled.buffer();
    while (endless.readableBytes() < ClientHello.MAX_BYTES) {
      endless.writeByte(22).writeByte(3).writeByte(1).writeShort(1).writeByte(1);
    }

    assertThat(ClientHello.inspect(endless)).isEqualTo(Inspection.CLEARTEXT);
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }
}
