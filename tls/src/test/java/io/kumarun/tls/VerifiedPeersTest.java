package io.kumarun.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.kumarun.tls.SanMatcher.Match;
import io.kumarun.tls.SanMatcher.SanType;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerifiedPeersTest {
  private static final TestAuthority CA = TestAuthority.root("mesh");

  private final VerifiedPeers peers =
      new VerifiedPeers(
          new PeerValidation(
              CA.bundle(), List.of(new SanMatcher(SanType.URI, Match.EXACT, "spiffe://default/a"))),
          PeerRole.CLIENT);

  @Test
  void a_known_chain_is_only_checked_against_the_clock() throws Exception {
    TlsCertificate peer = CA.leaf("spiffe://default/a");

    PeerIdentity first = peers.verify(peer.chain(), TestAuthority.NOW);

    assertThat(peers.verify(peer.chain(), TestAuthority.NOW.plusSeconds(1))).isSameAs(first);
    for (Duration off : List.of(Duration.ofHours(24), Duration.ofHours(-2))) {
      assertThatExceptionOfType(PeerRejectedException.class)
          .isThrownBy(() -> peers.verify(peer.chain(), TestAuthority.NOW.plus(off)));
    }
    assertThat(peers.verify(peer.chain(), TestAuthority.NOW)).isEqualTo(first);
  }

  @Test
  void an_authority_that_expires_takes_its_known_peers_along() throws Exception {
    TestAuthority middle =
        CA.intermediate(
            "middle",
            r -> r.validity(TestAuthority.NOW.minusSeconds(60), TestAuthority.NOW.plusSeconds(60)));
    TlsCertificate peer = middle.leaf("spiffe://default/a");
    peers.verify(peer.chain(), TestAuthority.NOW);

    assertThatExceptionOfType(PeerRejectedException.class)
        .isThrownBy(() -> peers.verify(peer.chain(), TestAuthority.NOW.plusSeconds(61)))
        .withMessageContaining("CN=middle");
  }

  @Test
  void a_known_peer_does_not_vouch_for_another() throws Exception {
    peers.verify(CA.leaf("spiffe://default/a").chain(), TestAuthority.NOW);

    assertThatExceptionOfType(PeerRejectedException.class)
        .isThrownBy(() -> peers.verify(CA.leaf("spiffe://default/b").chain(), TestAuthority.NOW));
    assertThatExceptionOfType(PeerRejectedException.class)
        .isThrownBy(
            () ->
                peers.verify(
                    TestAuthority.root("mesh").leaf("spiffe://default/a").chain(),
                    TestAuthority.NOW));
  }
}
