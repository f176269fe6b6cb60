package io.kumarun.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.kumarun.tls.SanMatcher.Match;
import io.kumarun.tls.SanMatcher.SanType;
import io.kumarun.tls.TlsParameters.TlsVersion;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TlsHandshakeTest {
  private static final TestAuthority CA = TestAuthority.root("mesh");
  private static final TestAuthority OTHER_CA = TestAuthority.root("other");
  private static final TlsCertificate BACKEND = CA.leaf("spiffe://default/backend");
  private static final TlsCertificate FRONTEND = CA.leaf("spiffe://default/frontend");
  private static final PeerValidation ANY_OF_MESH =
      validation(CA, Match.PREFIX, "spiffe://default/");
  private static final PeerValidation IS_BACKEND =
      validation(CA, Match.EXACT, "spiffe://default/backend");
  private static final TlsParameters TLS_1_2 = versions(TlsVersion.TLS_1_2, TlsVersion.TLS_1_2);
  private static final TlsParameters TLS_1_3 = versions(TlsVersion.TLS_1_3, TlsVersion.TLS_1_3);

  private final TlsPair.Clock clock = new TlsPair.Clock();
  private final TlsContexts contexts = new TlsContexts(clock);

  @AfterEach
  void letGo() {
    contexts.close();
  }

  private static PeerValidation validation(TestAuthority ca, Match match, String name) {
    return new PeerValidation(ca.bundle(), List.of(new SanMatcher(SanType.URI, match, name)));
  }

  private static TlsParameters versions(TlsVersion minimum, TlsVersion maximum) {
    return new TlsParameters(minimum, maximum, List.of());
  }

  private static TlsParameters only(TlsVersion version) {
    return versions(version, version);
  }

  private static ServerTls server(TlsCertificate certificate, TlsParameters parameters) {
    return new ServerTls(certificate, ANY_OF_MESH, true, List.of(), parameters);
  }

  private static ClientTls client(@Nullable TlsCertificate certificate, TlsParameters parameters) {
    return client(certificate, IS_BACKEND, parameters);
  }

  private static ClientTls client(
      @Nullable TlsCertificate certificate,
      @Nullable PeerValidation validation,
      TlsParameters parameters) {
    return new ClientTls(
        certificate, validation, "backend{mesh=default}", List.of("kuma"), parameters);
  }

  private TlsPair join(ClientTls client, ServerTls server) {
    return TlsPair.join(contexts, client, contexts, server);
  }

  @ParameterizedTest
  @CsvSource({"TLS_1_2,EC", "TLS_1_3,EC", "TLS_1_2,RSA", "TLS_1_3,RSA"})
  void both_sides_learn_who_the_other_is(TlsVersion version, String keyAlgorithm) {
    TlsCertificate backend =
        CA.leaf(r -> r.uris("spiffe://default/backend").keyAlgorithm(keyAlgorithm));

    try (TlsPair pair =
        join(client(FRONTEND, only(version)), server(backend, TlsParameters.DEFAULT))) {
      PeerVerified seenByServer = pair.server.verified();
      PeerVerified seenByClient = pair.client.verified();

      assertThat(pair.server.identity().spiffeId()).isEqualTo("spiffe://default/frontend");
      assertThat(pair.server.identity().serialNumber())
          .isEqualTo(FRONTEND.leaf().getSerialNumber());
      assertThat(seenByServer.sni()).isEqualTo("backend{mesh=default}");
      assertThat(seenByServer.alpn()).isNull();
      assertThat(seenByServer.tlsVersion()).isEqualTo(version.protocolName());
      assertThat(seenByServer.cipher())
          .isEqualTo(
              version == TlsVersion.TLS_1_3
                  ? "TLS_AES_128_GCM_SHA256"
                  : "ECDHE-"
                      + (keyAlgorithm.equals("EC") ? "ECDSA" : "RSA")
                      + "-AES128-GCM-SHA256");
      assertThat(pair.client.identity().spiffeId()).isEqualTo("spiffe://default/backend");
      assertThat(seenByClient.cipher()).isEqualTo(seenByServer.cipher());
      assertThat(pair.server.received).hasToString("hello");
      assertThat(pair.client.received).hasToString("welcome");
      assertThat(pair.server.verifiedBeforeBytes).isZero();
      assertThat(pair.client.verifiedBeforeBytes).isZero();
      assertThat(pair.server.events).hasSize(1);
      assertThat(pair.client.events).hasSize(1);
    }
  }

  @Test
  void defaults_negotiate_tls_1_3() {
    try (TlsPair pair =
        join(client(FRONTEND, TlsParameters.DEFAULT), server(BACKEND, TlsParameters.DEFAULT))) {
      assertThat(pair.server.verified().tlsVersion()).isEqualTo("TLSv1.3");
    }
  }

  @Test
  void spiffe_bundles_work_in_a_handshake() {
    TestAuthority middle = OTHER_CA.intermediate("middle");
    TlsCertificate other = middle.leaf("spiffe://other.mesh.local/workload/web");
    PeerValidation spiffe =
        new PeerValidation(
            new TrustBundle.SpiffeBundles(
                Map.of("default", CA.roots(), "other.mesh.local", OTHER_CA.roots())),
            List.of());

    try (TlsPair pair =
        join(
            client(other, spiffe, TlsParameters.DEFAULT),
            new ServerTls(BACKEND, spiffe, true, List.of(), TlsParameters.DEFAULT))) {
      assertThat(pair.server.identity().spiffeId())
          .isEqualTo("spiffe://other.mesh.local/workload/web");
      assertThat(pair.client.isVerified()).isTrue();
    }
  }

  @Test
  void the_application_protocol_is_negotiated_only_if_both_name_it() {
    ServerTls kuma =
        new ServerTls(BACKEND, ANY_OF_MESH, true, List.of("kuma"), TlsParameters.DEFAULT);
    ServerTls h2 = new ServerTls(BACKEND, ANY_OF_MESH, true, List.of("h2"), TlsParameters.DEFAULT);

    try (TlsPair pair = join(client(FRONTEND, TlsParameters.DEFAULT), kuma)) {
      assertThat(pair.server.verified().alpn()).isEqualTo("kuma");
      assertThat(pair.client.verified().alpn()).isEqualTo("kuma");
    }
    try (TlsPair pair = join(client(FRONTEND, TlsParameters.DEFAULT), h2)) {
      assertThat(pair.server.verified().alpn()).isNull();
      assertThat(pair.client.verified().alpn()).isNull();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void a_client_of_another_authority_is_refused_by_the_server_with_an_alert(TlsVersion version) {
    try (TlsPair pair =
        join(
            client(OTHER_CA.leaf("spiffe://default/frontend"), only(version)),
            server(BACKEND, TlsParameters.DEFAULT))) {
      assertThat(pair.server.rejection()).contains("CN=other", "not among the 1 accepted");
      assertThat(pair.client.rejection()).isEqualTo("peer refused our certificate: unknown ca");
      assertNothingPassed(pair);
    }
  }

  private static void assertNothingPassed(TlsPair pair) {
    assertThat(pair.server.isVerified()).isFalse();
    assertThat(pair.server.received).isEmpty();
    assertThat(pair.client.received).isEmpty();
    assertThat(pair.client.channel.isOpen()).isFalse();
    assertThat(pair.server.channel.isOpen()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void a_client_with_another_name_is_refused_with_both_names(TlsVersion version) {
    try (TlsPair pair =
        join(
            client(CA.leaf("spiffe://elsewhere/frontend"), only(version)),
            server(BACKEND, TlsParameters.DEFAULT))) {
      assertThat(pair.server.rejection())
          .isEqualTo(
              "peer presents spiffe://elsewhere/frontend, accepted: prefix spiffe://default/");
      assertThat(pair.client.rejection())
          .isEqualTo("peer refused our certificate: bad certificate");
      assertNothingPassed(pair);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void a_server_with_another_name_is_refused_by_the_client(TlsVersion version) {
    try (TlsPair pair =
        join(
            client(FRONTEND, only(version)),
            server(CA.leaf("spiffe://default/other"), TlsParameters.DEFAULT))) {
      assertThat(pair.client.rejection())
          .isEqualTo(
              "peer presents spiffe://default/other, accepted: exact spiffe://default/backend");
      assertThat(pair.server.rejection())
          .isEqualTo("peer refused our certificate: bad certificate");
      assertNothingPassed(pair);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void a_client_without_certificate_is_refused(TlsVersion version) {
    try (TlsPair pair = join(client(null, only(version)), server(BACKEND, TlsParameters.DEFAULT))) {
      assertThat(pair.server.rejection()).isEqualTo("peer did not present a certificate");
      assertThat(pair.client.rejection())
          .isEqualTo(
              version == TlsVersion.TLS_1_3
                  ? "peer demands a certificate and we offered none"
                  : "peer ended the TLS handshake: handshake failure");
      assertNothingPassed(pair);
    }
  }

  @Test
  void a_certificate_out_of_its_time_is_refused_by_the_given_clock() {
    clock.now = TestAuthority.NOW.plus(Duration.ofDays(2));
    try (TlsPair pair =
        join(client(FRONTEND, TlsParameters.DEFAULT), server(BACKEND, TlsParameters.DEFAULT))) {
      assertThat(pair.client.rejection())
          .isEqualTo(
              "the peer's certificate expired at 2030-06-02T11:00:00Z;"
                  + " it presents spiffe://default/backend");
      assertThat(pair.server.rejection())
          .isEqualTo("peer refused our certificate: certificate expired");
      assertNothingPassed(pair);
    }
    clock.now = TestAuthority.NOW.minus(Duration.ofDays(2));
    try (TlsPair pair =
        join(client(FRONTEND, TlsParameters.DEFAULT), server(BACKEND, TlsParameters.DEFAULT))) {
      assertThat(pair.client.rejection()).contains("is not valid before 2030-06-01T11:00:00Z");
      assertNothingPassed(pair);
    }
  }

  @Test
  void an_optional_certificate_may_be_missing_but_not_wrong() {
    ServerTls optional =
        new ServerTls(BACKEND, ANY_OF_MESH, false, List.of(), TlsParameters.DEFAULT);

    try (TlsPair pair = join(client(null, TlsParameters.DEFAULT), optional)) {
      assertThat(pair.server.verified().identity()).isNull();
    }
    try (TlsPair pair = join(client(FRONTEND, TlsParameters.DEFAULT), optional)) {
      assertThat(pair.server.identity().spiffeId()).isEqualTo("spiffe://default/frontend");
    }
    try (TlsPair pair =
        join(client(OTHER_CA.leaf("spiffe://default/a"), TlsParameters.DEFAULT), optional)) {
      assertThat(pair.server.rejection()).contains("CN=other");
      assertNothingPassed(pair);
    }
  }

  @Test
  void without_validation_nobody_is_identified() {
    ServerTls careless = new ServerTls(BACKEND, null, true, List.of(), TlsParameters.DEFAULT);
    ServerTls oneWay = new ServerTls(BACKEND, null, false, List.of(), TlsParameters.DEFAULT);

    try (TlsPair pair =
        join(client(OTHER_CA.leaf("spiffe://x/y"), null, TlsParameters.DEFAULT), careless)) {
      assertThat(pair.server.verified().identity()).isNull();
      assertThat(pair.client.verified().identity()).isNull();
    }
    try (TlsPair pair = join(client(null, null, TlsParameters.DEFAULT), careless)) {
      assertThat(pair.server.rejection()).isEqualTo("peer did not present a certificate");
    }
    try (TlsPair pair = join(client(null, TlsParameters.DEFAULT), oneWay)) {
      assertThat(pair.server.verified().identity()).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'GET / HTTP/1.1\r\nhost: a\r\n\r\n'",
    "'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'",
    "'some bytes of another protocol'"
  })
  void plaintext_on_a_tls_port_is_named(String text) {
    TlsPair.End server = serverAlone();

    server.channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));

    assertThat(server.rejection()).isEqualTo("peer spoke plaintext to a TLS port");
    assertThat(server.channel.isOpen()).isFalse();
    assertThat(server.received).isEmpty();
    server.channel.finishAndReleaseAll();
  }

  private TlsPair.End serverAlone() {
    TlsPair.End server = new TlsPair.End();
    contexts.addServerTls(server.channel.pipeline(), server(BACKEND, TlsParameters.DEFAULT));
    server.record(null);
    return server;
  }

  @Test
  void a_plaintext_answer_to_a_tls_client_is_named() {
    TlsPair.End client = new TlsPair.End();
    contexts.addClientTls(client.channel.pipeline(), client(FRONTEND, TlsParameters.DEFAULT));
    client.record(null);

    client.channel.writeInbound(
        Unpooled.copiedBuffer("HTTP/1.1 400 Bad Request\r\n\r\n", StandardCharsets.US_ASCII));

    assertThat(client.rejection()).isEqualTo("peer answered plaintext where TLS was expected");
    client.channel.finishAndReleaseAll();
  }

  @Test
  void a_connection_closed_within_the_handshake_is_named() {
    TlsPair.End server = serverAlone();

    server.channel.close();

    assertThat(server.rejection()).isEqualTo("connection was closed during the TLS handshake");
    server.channel.finishAndReleaseAll();
  }

  @Test
  void no_common_version_or_cipher_is_named() {
    try (TlsPair pair = join(client(FRONTEND, TLS_1_2), server(BACKEND, TLS_1_3))) {
      assertThat(pair.server.rejection()).isEqualTo("no TLS version in common with the peer");
      assertThat(pair.client.rejection())
          .isEqualTo("peer ended the TLS handshake: protocol version");
    }
    TlsParameters rsaOnly =
        new TlsParameters(
            TlsVersion.TLS_1_2, TlsVersion.TLS_1_2, List.of("ECDHE-RSA-AES256-GCM-SHA384"));
    TlsParameters ecOnly =
        new TlsParameters(
            TlsVersion.TLS_1_2, TlsVersion.TLS_1_2, List.of("ECDHE-ECDSA-AES256-GCM-SHA384"));
    try (TlsPair pair = join(client(FRONTEND, ecOnly), server(BACKEND, ecOnly))) {
      assertThat(pair.server.verified().cipher()).isEqualTo("ECDHE-ECDSA-AES256-GCM-SHA384");
    }
    try (TlsPair pair = join(client(FRONTEND, ecOnly), server(BACKEND, rsaOnly))) {
      assertThat(pair.server.rejection()).startsWith("no cipher suite in common with the peer");
      assertThat(pair.client.rejection()).isEqualTo("peer ended the TLS handshake: internal error");
    }
  }

  @Test
  void old_versions_work_where_a_policy_asks_for_them() {
    TlsParameters old =
        new TlsParameters(
            TlsVersion.TLS_1_0, TlsVersion.TLS_1_1, List.of("ECDHE-ECDSA-AES128-SHA"));
    try (TlsPair pair = join(client(FRONTEND, old), server(BACKEND, old))) {
      assertThat(pair.server.verified().tlsVersion()).isEqualTo("TLSv1.1");
    }
  }

  @Test
  void settings_that_cannot_be_served_are_named_when_prepared() {
    TlsParameters unknown =
        new TlsParameters(TlsVersion.TLS_1_2, TlsVersion.TLS_1_2, List.of("NO-SUCH-CIPHER"));
    assertThatExceptionOfType(TlsContextException.class)
        .isThrownBy(() -> contexts.prepare(List.of(server(BACKEND, unknown)), List.of()))
        .withMessageContaining("NO-SUCH-CIPHER")
        .withMessageContaining(BACKEND.name());
    TlsCertificate ed25519 = CA.leaf(r -> r.uris("spiffe://default/a").keyAlgorithm("Ed25519"));
    assertThatExceptionOfType(TlsContextException.class)
        .isThrownBy(
            () -> contexts.prepare(List.of(server(ed25519, TlsParameters.DEFAULT)), List.of()))
        .withMessageContaining("TLS needs RSA");
    ClientTls longName =
        new ClientTls(null, null, "s".repeat(256), List.of(), TlsParameters.DEFAULT);
    assertThatExceptionOfType(TlsContextException.class)
        .isThrownBy(() -> contexts.prepare(List.of(), List.of(longName)))
        .withMessageContaining("255 bytes");
  }

  @Test
  void bytes_written_before_the_peer_is_verified_never_leave() {
    EmbeddedChannel channel = new EmbeddedChannel();
    contexts.addClientTls(channel.pipeline(), client(FRONTEND, TlsParameters.DEFAULT));

    ChannelFuture early = channel.writeAndFlush(Unpooled.copiedBuffer("x", StandardCharsets.UTF_8));

    assertThat(early.cause()).isInstanceOf(IllegalStateException.class);
    channel.finishAndReleaseAll();
  }
}
