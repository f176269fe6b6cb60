package io.kumarun.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.tls.SanMatcher.Match;
import io.kumarun.tls.SanMatcher.SanType;
import io.kumarun.tls.TlsParameters.TlsVersion;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Resumed handshakes never reach the trust manager; the connection must be judged all the same. */
class SessionResumptionTest {
  private static final TestAuthority CA = TestAuthority.root("mesh");
  private static final TlsCertificate BACKEND = CA.leaf("spiffe://default/backend");
  private static final TlsCertificate SHORT_LIVED =
      CA.leaf(
          r ->
              r.uris("spiffe://default/frontend")
                  .validity(
                      TestAuthority.NOW.minus(Duration.ofHours(1)),
                      TestAuthority.NOW.plus(Duration.ofMinutes(1))));

  private final TlsPair.Clock clock = new TlsPair.Clock();
  private final TlsPair.Clock clientClock = new TlsPair.Clock();
  private final TlsContexts servers = new TlsContexts(clock);
  private final TlsContexts clients = new TlsContexts(clientClock);

  @AfterEach
  void letGo() {
    servers.close();
    clients.close();
  }

  private static PeerValidation accepts(Match match, String name) {
    return new PeerValidation(CA.bundle(), List.of(new SanMatcher(SanType.URI, match, name)));
  }

  private static TlsParameters upTo(TlsVersion minimum, TlsVersion maximum) {
    return new TlsParameters(minimum, maximum, List.of());
  }

  private static ServerTls server(PeerValidation validation, TlsVersion maximum) {
    return new ServerTls(BACKEND, validation, true, List.of(), upTo(TlsVersion.TLS_1_2, maximum));
  }

  private static ClientTls client(TlsVersion minimum, TlsVersion maximum) {
    return new ClientTls(
        SHORT_LIVED,
        accepts(Match.EXACT, "spiffe://default/backend"),
        "backend{mesh=default}",
        List.of("kuma"),
        upTo(minimum, maximum));
  }

  private static ClientTls client(TlsVersion version) {
    return client(version, version);
  }

  @ParameterizedTest
  @CsvSource({
    "TLS_1_2, TLS_1_2, TLS_1_2",
    "TLS_1_2, TLS_1_2, TLS_1_3",
    "TLS_1_2, TLS_1_3, TLS_1_2",
    "TLS_1_3, TLS_1_3, TLS_1_3",
    "TLS_1_2, TLS_1_3, TLS_1_3"
  })
  void a_second_connection_resumes_and_still_knows_the_peer(
      TlsVersion clientMinimum, TlsVersion clientMaximum, TlsVersion serverMaximum) {
    ServerTls server = server(accepts(Match.PREFIX, "spiffe://default/"), serverMaximum);
    ClientTls client = client(clientMinimum, clientMaximum);

    try (TlsPair first = TlsPair.join(clients, client, servers, server)) {
      assertThat(first.server.reused).isFalse();
      assertThat(first.client.received).hasToString("welcome");
    }
    try (TlsPair second = TlsPair.join(clients, client, servers, server)) {
      assertThat(second.server.reused).isTrue();
      assertThat(second.client.reused).isTrue();
      assertThat(second.server.identity().spiffeId()).isEqualTo("spiffe://default/frontend");
      assertThat(second.client.identity().spiffeId()).isEqualTo("spiffe://default/backend");
      assertThat(second.server.received).hasToString("hello");
      assertThat(second.client.received).hasToString("welcome");
      assertThat(second.server.verified().sni()).isEqualTo("backend{mesh=default}");
    }
  }

  @Test
  void sessions_are_kept_by_endpoint() {
    ServerTls server = server(accepts(Match.PREFIX, "spiffe://default/"), TlsVersion.TLS_1_2);
    ClientTls client = client(TlsVersion.TLS_1_2);

    joinEndpoint("10.0.0.1:80", client, server, false);
    joinEndpoint("10.0.0.2:80", client, server, false);
    joinEndpoint("10.0.0.1:80", client, server, true);
  }

  private void joinEndpoint(
      String endpoint, ClientTls client, ServerTls server, boolean expectReuse) {
    try (TlsPair pair =
        TlsPair.join(c -> clients.addClientTls(c.pipeline(), client, endpoint), servers, server)) {
      assertThat(pair.client.isVerified()).isTrue();
      assertThat(pair.client.reused).isEqualTo(expectReuse);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void a_resumed_peer_whose_certificate_expired_meanwhile_is_refused(TlsVersion version) {
    ServerTls server = server(accepts(Match.PREFIX, "spiffe://default/"), version);
    ClientTls client = client(version);
    TlsPair.join(clients, client, servers, server).close();

    clock.now = TestAuthority.NOW.plus(Duration.ofMinutes(2));
    try (TlsPair second = TlsPair.join(clients, client, servers, server)) {
      assertThat(second.server.rejection())
          .startsWith("the peer's certificate expired at 2030-06-01T12:01:00Z");
      assertThat(second.server.isVerified()).isFalse();
      assertThat(second.server.received).isEmpty();
      assertThat(second.client.received).isEmpty();
      assertThat(second.client.channel.isOpen()).isFalse();
    }
  }

  @Test
  void a_client_refuses_a_resumed_server_that_expired_and_then_handshakes_in_full() {
    TlsCertificate shortBackend =
        CA.leaf(
            r ->
                r.uris("spiffe://default/backend")
                    .validity(
                        TestAuthority.NOW.minus(Duration.ofHours(1)),
                        TestAuthority.NOW.plus(Duration.ofMinutes(1))));
    ServerTls server =
        new ServerTls(
            shortBackend,
            accepts(Match.PREFIX, "spiffe://default/"),
            true,
            List.of(),
            upTo(TlsVersion.TLS_1_2, TlsVersion.TLS_1_2));
    ClientTls client = client(TlsVersion.TLS_1_2);
    TlsPair.join(clients, client, servers, server).close();

    clientClock.now = TestAuthority.NOW.plus(Duration.ofMinutes(2));
    try (TlsPair second = TlsPair.join(clients, client, servers, server)) {
      assertThat(second.client.rejection()).contains("expired");
      assertThat(second.client.isVerified()).isFalse();
    }
    clientClock.now = TestAuthority.NOW;
    try (TlsPair third = TlsPair.join(clients, client, servers, server)) {
      assertThat(third.client.isVerified()).isTrue();
      assertThat(third.client.reused).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void a_session_of_one_validation_is_worth_nothing_under_another(TlsVersion version) {
    ServerTls lenient = server(accepts(Match.PREFIX, "spiffe://default/"), version);
    ServerTls strict = server(accepts(Match.EXACT, "spiffe://default/web"), version);
    ClientTls client = client(version);
    TlsPair.join(clients, client, servers, lenient).close();

    try (TlsPair second = TlsPair.join(clients, client, servers, strict)) {
      assertThat(second.server.rejection())
          .isEqualTo(
              "peer presents spiffe://default/frontend, accepted: exact spiffe://default/web");
      assertThat(second.server.received).isEmpty();
      assertThat(second.client.received).isEmpty();
    }
  }

  @Test
  void a_rotated_certificate_begins_without_sessions() {
    ServerTls server = server(accepts(Match.PREFIX, "spiffe://default/"), TlsVersion.TLS_1_2);
    ClientTls old = client(TlsVersion.TLS_1_2);
    ClientTls rotated =
        new ClientTls(
            CA.leaf("spiffe://default/frontend"),
            old.peerValidation(),
            old.sni(),
            old.alpnProtocols(),
            old.parameters());
    TlsPair.join(clients, old, servers, server).close();

    try (TlsPair second = TlsPair.join(clients, rotated, servers, server)) {
      assertThat(second.server.reused).isFalse();
      assertThat(second.server.isVerified()).isTrue();
    }
  }
}
