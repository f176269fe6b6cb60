package io.kumarun.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsContextsTest {
  private static final TestAuthority CA = TestAuthority.root("mesh");
  private static final PeerValidation ANY = new PeerValidation(CA.bundle(), List.of());

  private final TlsContexts contexts = new TlsContexts(new TlsPair.Clock());

  private static ServerTls server(TlsCertificate certificate) {
    return new ServerTls(certificate, ANY, true, List.of(), TlsParameters.DEFAULT);
  }

  private static ClientTls client(@Nullable TlsCertificate certificate, String sni) {
    return new ClientTls(certificate, ANY, sni, List.of("kuma"), TlsParameters.DEFAULT);
  }

  @Test
  void equal_settings_share_one_context() {
    TlsCertificate certificate = CA.leaf("spiffe://default/a");
    contexts.prepare(List.of(server(certificate)), List.of());
    TlsContext prepared = contexts.peek(server(certificate));

    try (TlsPair pair =
        TlsPair.join(contexts, client(certificate, ""), contexts, server(certificate))) {
      assertThat(pair.server.isVerified()).isTrue();
      assertThat(pair.server.verified().sni()).isNull();
      assertThat(contexts.peek(server(certificate))).isSameAs(prepared).isNotNull();
    }
    contexts.close();
  }

  @Test
  void a_hundred_rotations_leave_no_native_context_behind() {
    List<TlsContext> seen = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      TlsCertificate certificate = CA.leaf("spiffe://default/a");
      ServerTls server = server(certificate);
      ClientTls client = client(certificate, "a{mesh=default}");
      contexts.retainOnly(Set.of(server), Set.of(client));
      try (TlsPair pair = TlsPair.join(contexts, client, contexts, server)) {
        assertThat(pair.server.isVerified()).isTrue();
      }
      seen.add(Objects.requireNonNull(contexts.peek(server)));
      seen.add(Objects.requireNonNull(contexts.peek(client)));
    }

    assertThat(seen).doesNotHaveDuplicates().hasSize(200);
    assertThat(seen.subList(0, 198)).allMatch(context -> context.references() == 0);
    assertThat(seen.subList(198, 200)).allMatch(context -> context.references() == 1);
    contexts.close();
    assertThat(seen).allMatch(context -> context.references() == 0);
  }

  @Test
  void a_running_connection_keeps_its_context_and_works_on() {
    TlsCertificate certificate = CA.leaf("spiffe://default/a");
    ServerTls server = server(certificate);
    ClientTls client = client(certificate, "a{mesh=default}");
    TlsContext context;
    try (TlsPair pair = TlsPair.join(contexts, client, contexts, server)) {
      context = Objects.requireNonNull(contexts.peek(server));
      contexts.retainOnly(Set.of(), Set.of());

      assertThat(contexts.peek(server)).isNull();
      assertThat(context.references()).isPositive();
      pair.client.channel.writeOutbound(
          pair.client.channel.alloc().buffer().writeBytes("more".getBytes(StandardCharsets.UTF_8)));
      pair.exchange();
      assertThat(pair.server.received).hasToString("hellomore");
    }
    assertThat(context.references()).isZero();
  }

  @Test
  void settings_that_were_let_go_get_a_new_context() {
    TlsCertificate certificate = CA.leaf("spiffe://default/a");
    ServerTls server = server(certificate);
    ClientTls client = client(certificate, "a");
    TlsPair.join(contexts, client, contexts, server).close();
    TlsContext first = contexts.peek(server);
    contexts.close();

    try (TlsPair pair = TlsPair.join(contexts, client, contexts, server)) {
      assertThat(pair.server.isVerified()).isTrue();
      assertThat(contexts.peek(server)).isNotNull().isNotSameAs(first);
    }
    contexts.close();
  }

  @Test
  void a_refused_connection_lets_go_of_its_context_too() {
    ServerTls server = server(CA.leaf("spiffe://default/a"));
    ClientTls client =
        client(TestAuthority.root("other").leaf("spiffe://default/a"), "a{mesh=default}");
    try (TlsPair pair = TlsPair.join(contexts, client, contexts, server)) {
      assertThat(pair.server.rejection()).contains("CN=other");
    }
    assertThat(Objects.requireNonNull(contexts.peek(server)).references()).isEqualTo(1);
    contexts.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "backend{mesh=default}",
        "backend{mesh=s03,version=v1}",
        "sni.msvc.default.zone.backend.80",
        "a1b2c3.backend.80.default.ms",
        "localhost",
        "example.com",
        "under_score"
      })
  void the_sni_is_on_the_wire_byte_for_byte(String sni) {
    assertThat(serverNameOnTheWire(client(null, sni), "10.0.0.1:80")).isEqualTo(sni);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "10.0.0.1:80", "backend.example.com", "/10.0.0.1:80"})
  void without_sni_none_is_sent_whatever_the_endpoint_is_called(String endpoint) {
    assertThat(serverNameOnTheWire(client(null, ""), endpoint)).isNull();
  }

  private @Nullable String serverNameOnTheWire(ClientTls client, String endpoint) {
    EmbeddedChannel channel = new EmbeddedChannel();
    contexts.addClientTls(channel.pipeline(), client, endpoint);
    ByteBuf record = channel.readOutbound();
    try {
      return serverName(record);
    } finally {
      record.release();
      channel.finishAndReleaseAll();
      contexts.close();
    }
  }

  /** RFC 8446 section 4.1.2 and RFC 6066 section 3. */
  private static @Nullable String serverName(ByteBuf hello) {
    assertThat(hello.readUnsignedByte()).as("handshake record").isEqualTo((short) 22);
    hello.skipBytes(4);
    assertThat(hello.readUnsignedByte()).as("ClientHello").isEqualTo((short) 1);
    hello.skipBytes(3 + 2 + 32);
    hello.skipBytes(hello.readUnsignedByte());
    hello.skipBytes(hello.readUnsignedShort());
    hello.skipBytes(hello.readUnsignedByte());
    ByteBuf extensions = hello.readSlice(hello.readUnsignedShort());
    while (extensions.isReadable()) {
      int type = extensions.readUnsignedShort();
      ByteBuf extension = extensions.readSlice(extensions.readUnsignedShort());
      if (type == 0) {
        assertThat(extension.readUnsignedShort()).isEqualTo(extension.readableBytes());
        assertThat(extension.readUnsignedByte()).as("host_name").isZero();
        return extension
            .readSlice(extension.readUnsignedShort())
            .toString(StandardCharsets.ISO_8859_1);
      }
    }
    return null;
  }
}
