package io.kumarun.tls;

import static io.kumarun.tls.TestAuthority.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.kumarun.tls.PeerRejectedException.Reason;
import io.kumarun.tls.SanMatcher.Match;
import io.kumarun.tls.SanMatcher.SanType;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PeerVerifierTest {
  private static final TestAuthority CA = TestAuthority.root("mesh");
  private static final TestAuthority OTHER_CA = TestAuthority.root("other");
  private static final SanMatcher BACKEND =
      new SanMatcher(SanType.URI, Match.EXACT, "spiffe://default/backend");

  private static PeerValidation authorities(TestAuthority ca, SanMatcher... accepted) {
    return new PeerValidation(ca.bundle(), List.of(accepted));
  }

  private static PeerValidation spiffe(SanMatcher... accepted) {
    return new PeerValidation(
        new TrustBundle.SpiffeBundles(
            Map.of("default", CA.roots(), "other.mesh.local", OTHER_CA.roots())),
        List.of(accepted));
  }

  private static PeerIdentity verify(TlsCertificate peer, PeerValidation validation)
      throws PeerRejectedException {
    return PeerVerifier.verify(peer.chain(), validation, NOW, PeerRole.CLIENT);
  }

  private static void assertRefused(
      List<X509Certificate> chain, PeerValidation validation, Reason reason, String... parts) {
    assertThatExceptionOfType(PeerRejectedException.class)
        .isThrownBy(() -> PeerVerifier.verify(chain, validation, NOW, PeerRole.CLIENT))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(reason))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"))
        .satisfies(e -> List.of(parts).forEach(part -> assertThat(e).hasMessageContaining(part)));
  }

  private static void assertRefused(
      TlsCertificate peer, PeerValidation validation, Reason reason, String... parts) {
    assertRefused(peer.chain(), validation, reason, parts);
  }

  @Test
  void a_peer_is_described_by_its_leaf() throws Exception {
    TlsCertificate peer =
        CA.leaf(r -> r.uris("spiffe://default/backend", "kuma://version/v1").dns("backend.local"));

    PeerIdentity identity = verify(peer, authorities(CA, BACKEND));

    assertThat(identity.spiffeId()).isEqualTo("spiffe://default/backend");
    assertThat(identity.uriSans()).containsExactly("spiffe://default/backend", "kuma://version/v1");
    assertThat(identity.dnsSans()).containsExactly("backend.local");
    assertThat(identity.serialNumber()).isEqualTo(peer.leaf().getSerialNumber());
    assertThat(identity.notAfter()).isEqualTo(NOW.plus(Duration.ofHours(23)));
    assertThat(identity.certificateSha256())
        .isEqualTo(
            HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(peer.leaf().getEncoded())));
  }

  @Test
  void recorded_secrets_are_accepted_by_their_own_bundle_only() throws Exception {
    X509Certificate leaf =
        PemSecrets.authorities("s", PemSecretsTest.recorded("mesh-identity-chain.pem")).getFirst();
    Instant now = leaf.getNotBefore().toInstant().plusSeconds(60);
    var own =
        PemSecrets.authorities(
            "s", PemSecretsTest.recorded("mesh-identity-bundle-s04ms.mesh.local.pem"));
    var other =
        PemSecrets.authorities(
            "s", PemSecretsTest.recorded("mesh-identity-bundle-other.mesh.local.pem"));
    var matcher = new SanMatcher(SanType.URI, Match.PREFIX, "spiffe://s04ms.mesh.local/");

    for (PeerRole role : PeerRole.values()) {
      PeerIdentity identity =
          PeerVerifier.verify(
              List.of(leaf),
              new PeerValidation(
                  new TrustBundle.SpiffeBundles(
                      Map.of("s04ms.mesh.local", own, "other.mesh.local", other)),
                  List.of(matcher)),
              now,
              role);
      assertThat(identity.spiffeId()).isEqualTo("spiffe://s04ms.mesh.local/workload/backend");
    }
    assertThatExceptionOfType(PeerRejectedException.class)
        .isThrownBy(
            () ->
                PeerVerifier.verify(
                    List.of(leaf),
                    new PeerValidation(
                        new TrustBundle.SpiffeBundles(Map.of("s04ms.mesh.local", other)),
                        List.of()),
                    now,
                    PeerRole.CLIENT));
  }

  @Test
  void recorded_mesh_mtls_certificate_with_kuma_names_is_accepted_by_both_kinds_of_bundle()
      throws Exception {
    var chain = PemSecrets.authorities("s", PemSecretsTest.recorded("mesh-mtls-chain.pem"));
    var ca = PemSecrets.authorities("s", PemSecretsTest.recorded("mesh-mtls-ca.pem"));
    Instant now = chain.getFirst().getNotBefore().toInstant().plusSeconds(60);

    for (TrustBundle bundle :
        List.of(
            new TrustBundle.Authorities(ca), new TrustBundle.SpiffeBundles(Map.of("s03", ca)))) {
      PeerIdentity identity =
          PeerVerifier.verify(chain, new PeerValidation(bundle, List.of()), now, PeerRole.SERVER);
      assertThat(identity.spiffeId()).isEqualTo("spiffe://s03/backend");
      assertThat(identity.uriSans()).contains("kuma://kuma.io/protocol/http");
    }
  }

  @Test
  void a_peer_of_another_authority_is_refused_with_the_issuers_name() {
    assertRefused(
        OTHER_CA.leaf("spiffe://default/backend"),
        authorities(CA),
        Reason.UNKNOWN_AUTHORITY,
        "CN=other",
        "1 accepted authorities");
  }

  @Test
  void an_authority_with_the_right_name_and_another_key_is_refused() {
    assertRefused(
        TestAuthority.root("mesh").leaf("spiffe://default/backend"),
        authorities(CA),
        Reason.UNKNOWN_AUTHORITY);
  }

  @Test
  void intermediates_are_used_in_any_order_and_may_be_trusted_themselves() throws Exception {
    TestAuthority middle = CA.intermediate("middle");
    TestAuthority lower = middle.intermediate("lower");
    TlsCertificate peer = lower.leaf("spiffe://default/backend");
    assertThat(peer.chain()).hasSize(3);

    verify(peer, authorities(CA));
    verify(peer, spiffe());
    List<X509Certificate> shuffled = new ArrayList<>(peer.chain());
    Collections.swap(shuffled, 1, 2);
    PeerVerifier.verify(shuffled, authorities(CA), NOW, PeerRole.CLIENT);
    PeerVerifier.verify(List.of(peer.leaf()), authorities(lower), NOW, PeerRole.CLIENT);
    PeerVerifier.verify(peer.chain(), authorities(middle), NOW, PeerRole.CLIENT);

    assertRefused(List.of(peer.leaf()), authorities(CA), Reason.UNKNOWN_AUTHORITY, "CN=lower");
  }

  @Test
  void a_self_signed_leaf_may_be_trusted_directly() throws Exception {
    TlsCertificate own =
        new TlsCertificate(
            "self",
            TestAuthority.root(
                    "self",
                    r -> r.authority(false).keyUsage(KeyUsage.digitalSignature).dns("example.com"))
                .roots(),
            TestAuthority.newKey("EC").getPrivate());

    PeerIdentity identity =
        PeerVerifier.verify(
            own.chain(),
            new PeerValidation(
                new TrustBundle.Authorities(own.chain()),
                List.of(new SanMatcher(SanType.DNS, Match.EXACT, "example.com"))),
            NOW,
            PeerRole.SERVER);

    assertThat(identity.dnsSans()).containsExactly("example.com");
    assertRefused(own, authorities(CA), Reason.UNKNOWN_AUTHORITY);
  }

  @Test
  void every_certificate_of_the_path_must_be_in_its_time() {
    Instant before = NOW.minus(Duration.ofDays(2));
    assertRefused(
        CA.leaf(
            r -> r.uris("spiffe://default/a").validity(before, NOW.minus(Duration.ofSeconds(1)))),
        authorities(CA),
        Reason.EXPIRED,
        "expired at 2030-06-01T11:59:59Z");
    assertRefused(
        CA.leaf(
            r ->
                r.uris("spiffe://default/a")
                    .validity(NOW.plus(Duration.ofSeconds(1)), NOW.plus(Duration.ofDays(1)))),
        authorities(CA),
        Reason.NOT_YET_VALID,
        "not valid before 2030-06-01T12:00:01Z");
    TestAuthority oldMiddle =
        CA.intermediate("old middle", r -> r.validity(before, NOW.minus(Duration.ofSeconds(1))));
    assertRefused(
        oldMiddle.leaf("spiffe://default/a"), authorities(CA), Reason.EXPIRED, "CN=old middle");
    TestAuthority oldRoot =
        TestAuthority.root("old root", r -> r.validity(before, NOW.minus(Duration.ofSeconds(1))));
    assertRefused(
        oldRoot.leaf("spiffe://default/a"), authorities(oldRoot), Reason.EXPIRED, "CN=old root");
  }

  @Test
  void a_renewed_root_with_the_same_key_replaces_the_expired_one() throws Exception {
    KeyPair key = TestAuthority.newKey("EC");
    TestAuthority expired =
        TestAuthority.root(
            "r",
            r -> r.key(key).validity(NOW.minus(Duration.ofDays(9)), NOW.minus(Duration.ofDays(1))));
    TestAuthority renewed = TestAuthority.root("r", r -> r.key(key));
    List<X509Certificate> both = new ArrayList<>(expired.roots());
    both.addAll(renewed.roots());

    verify(
        renewed.leaf("spiffe://default/a"),
        new PeerValidation(new TrustBundle.Authorities(both), List.of()));
  }

  @Test
  void a_leaf_cannot_issue() {
    TlsCertificate leaf = CA.leaf(r -> r.uris("spiffe://default/a").subject("CN=leaf"));
    TestAuthority fake = CA.intermediate("not an authority", r -> r.authority(false).keyUsage(0));
    assertRefused(fake.leaf("spiffe://default/backend"), authorities(CA), Reason.UNKNOWN_AUTHORITY);
    assertRefused(
        CA.intermediate("no signing", r -> r.keyUsage(KeyUsage.digitalSignature))
            .leaf("spiffe://default/backend"),
        authorities(CA),
        Reason.UNKNOWN_AUTHORITY);
    assertRefused(
        fake.leaf("spiffe://default/backend"),
        authorities(fake),
        Reason.UNKNOWN_AUTHORITY,
        "no certificate authority");
    assertThat(leaf.chain()).hasSize(1);
  }

  @Test
  void path_length_name_constraints_and_unknown_critical_extensions_bind() throws Exception {
    TestAuthority shallow = TestAuthority.root("shallow", r -> r.pathLength(0));
    verify(shallow.leaf("spiffe://default/a"), authorities(shallow));
    assertRefused(
        shallow.intermediate("below").leaf("spiffe://default/a"),
        authorities(shallow),
        Reason.UNKNOWN_AUTHORITY,
        "is not valid");
    TestAuthority constrained =
        TestAuthority.root(
            "constrained",
            r ->
                r.nameConstraints(
                    new NameConstraints(
                        new GeneralSubtree[] {
                          new GeneralSubtree(
                              new GeneralName(
                                  GeneralName.uniformResourceIdentifier, "default.local"))
                        },
                        null)));
    verify(constrained.leaf("spiffe://default.local/a"), authorities(constrained));
    assertRefused(
        constrained.leaf("spiffe://other.local/a"),
        authorities(constrained),
        Reason.UNKNOWN_AUTHORITY);
    assertRefused(
        CA.leaf(r -> r.uris("spiffe://default/a").unknownCritical("1.2.3.4.5")),
        authorities(CA),
        Reason.UNKNOWN_AUTHORITY);
  }

  @ParameterizedTest
  @EnumSource
  void extended_key_usage_decides_the_role(PeerRole role) throws Exception {
    KeyPurposeId right =
        role == PeerRole.CLIENT ? KeyPurposeId.id_kp_clientAuth : KeyPurposeId.id_kp_serverAuth;
    KeyPurposeId wrong =
        role == PeerRole.CLIENT ? KeyPurposeId.id_kp_serverAuth : KeyPurposeId.id_kp_clientAuth;
    for (PeerValidation validation : List.of(authorities(CA), spiffe())) {
      PeerVerifier.verify(
          CA.leaf(r -> r.uris("spiffe://default/a").purposes(right)).chain(),
          validation,
          NOW,
          role);
      PeerVerifier.verify(
          CA.leaf(r -> r.uris("spiffe://default/a").purposes()).chain(), validation, NOW, role);
      assertThatExceptionOfType(PeerRejectedException.class)
          .isThrownBy(
              () ->
                  PeerVerifier.verify(
                      CA.leaf(r -> r.uris("spiffe://default/a").purposes(wrong)).chain(),
                      validation,
                      NOW,
                      role))
          .withMessageContaining(role.purpose());
    }
  }

  @Test
  void names_are_alternatives_and_the_refusal_lists_both_sides() throws Exception {
    SanMatcher web = new SanMatcher(SanType.URI, Match.PREFIX, "spiffe://default/web");
    verify(CA.leaf("spiffe://default/backend"), authorities(CA, web, BACKEND));
    verify(CA.leaf("spiffe://default/web-1"), spiffe(web, BACKEND));
    verify(CA.leaf("spiffe://default/anyone"), spiffe());

    for (PeerValidation validation : List.of(authorities(CA, BACKEND, web), spiffe(BACKEND, web))) {
      assertRefused(
          CA.leaf("spiffe://default/other"),
          validation,
          Reason.NAME,
          "peer presents spiffe://default/other, accepted: exact spiffe://default/backend"
              + " or prefix spiffe://default/web");
    }
  }

  @Test
  void matchers_look_at_their_own_type_of_name_only() throws Exception {
    assertRefused(
        CA.leaf(r -> r.dns("spiffe://default/backend")), authorities(CA, BACKEND), Reason.NAME);
    verify(
        CA.leaf(r -> r.ip("2001:db8::1")),
        authorities(CA, new SanMatcher(SanType.IP_ADDRESS, Match.EXACT, "2001:0DB8:0::1")));
    verify(
        CA.leaf(r -> r.ip("10.0.0.1")),
        authorities(CA, new SanMatcher(SanType.IP_ADDRESS, Match.PREFIX, "10.0.")));
    verify(
        CA.leaf(r -> r.dns("*.example.com")),
        authorities(CA, new SanMatcher(SanType.DNS, Match.EXACT, "API.example.com")));
  }

  @Test
  void a_matcher_for_another_type_of_name_never_opens_a_spiffe_bundle() {
    assertRefused(
        CA.leaf(r -> r.uris("spiffe://default/a").dns("backend")),
        spiffe(new SanMatcher(SanType.DNS, Match.EXACT, "backend")),
        Reason.NAME);
  }

  @ParameterizedTest
  @CsvSource({
    "example.com, example.com, true",
    "EXAMPLE.com, example.COM, true",
    "api.example.com, *.example.com, true",
    "example.com, *.example.com, false",
    "a.b.example.com, *.example.com, false",
    "api.example.com, a*i.example.com, true",
    "ai.example.com, a*i.example.com, true",
    "a.example.com, a*a.example.com, false",
    "api.example.com, api.*.com, false",
    "api.example.com, *.*.com, false",
    "api.example.com, **.example.com, false",
    "xn--abc.example.com, xn--*.example.com, false",
    "xn--abc.example.com, *.example.com, true",
    ".example.com, *.example.com, false",
    "com, *, false"
  })
  void host_names_match_as_in_envoy(String host, String presented, boolean expected) {
    assertThat(SubjectNames.matchesHostName(host, presented)).isEqualTo(expected);
  }

  @Test
  void the_trust_domain_picks_the_roots() throws Exception {
    verify(CA.leaf("spiffe://default/a"), spiffe());
    verify(OTHER_CA.leaf("spiffe://other.mesh.local/a"), spiffe());

    assertRefused(
        OTHER_CA.leaf("spiffe://default/a"), spiffe(), Reason.UNKNOWN_AUTHORITY, "CN=other");
    assertRefused(
        CA.leaf("spiffe://unknown.local/a"),
        spiffe(),
        Reason.UNKNOWN_AUTHORITY,
        "spiffe://unknown.local/a",
        "trust domain unknown.local is unknown",
        "known: default, other.mesh.local");
  }

  @Test
  void a_spiffe_leaf_has_one_trust_domain_and_no_authority() {
    assertRefused(
        OTHER_CA.leaf("spiffe://other.mesh.local/a", "spiffe://default/backend"),
        spiffe(BACKEND),
        Reason.NAME,
        "several trust domains");
    assertRefused(CA.leaf(r -> r.dns("backend")), spiffe(), Reason.NAME, "DNS backend");
    assertRefused(CA.leaf("kuma://a/b", "spiffe://default/a"), spiffe(), Reason.NAME, "kuma://a/b");
    assertRefused(CA.leaf("spiffe://default"), spiffe(), Reason.NAME, "no workload");
    assertRefused(CA.leaf("spiffe://default/a/../b"), spiffe(), Reason.NAME, "no SPIFFE ID");
    assertRefused(
        CA.leaf(r -> r.uris("spiffe://default/a").authority(true)),
        spiffe(),
        Reason.PURPOSE,
        "certificate authority");
    assertRefused(
        CA.leaf(r -> r.uris("spiffe://default/a").keyUsage(KeyUsage.keyCertSign)),
        spiffe(),
        Reason.PURPOSE);
    assertRefused(
        CA.leaf(
            r ->
                r.uris("spiffe://default/a")
                    .keyUsage(KeyUsage.digitalSignature | KeyUsage.cRLSign)),
        spiffe(),
        Reason.PURPOSE);
  }

  @Test
  void an_empty_or_overlong_chain_is_refused() {
    assertRefused(List.of(), authorities(CA), Reason.NO_CERTIFICATE, "did not present");
    assertRefused(
        Collections.nCopies(11, CA.leaf("spiffe://default/a").leaf()),
        authorities(CA),
        Reason.UNREADABLE,
        "11 certificates");
  }

  @Test
  void a_maze_of_equally_named_authorities_ends() {
    KeyPair key = TestAuthority.newKey("EC");
    List<X509Certificate> maze = new ArrayList<>();
    TestAuthority last = TestAuthority.root("maze", r -> r.key(key));
    maze.add(last.leaf("spiffe://default/a").leaf());
    for (int i = 0; i < 9; i++) {
      maze.addAll(TestAuthority.root("maze", r -> r.key(key)).roots());
    }

    assertRefused(maze, authorities(CA), Reason.UNKNOWN_AUTHORITY, "CN=maze");
  }

  @Test
  void what_a_peer_wrote_is_shown_without_control_characters_and_bounded() {
    TlsCertificate peer =
        CA.leaf(
            r -> {
              for (int i = 0; i < 50; i++) {
                r.dns("name" + i + "\u001b[31m" + "x".repeat(500));
              }
              return r;
            });
    assertThatExceptionOfType(PeerRejectedException.class)
        .isThrownBy(() -> verify(peer, authorities(CA, BACKEND)))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(3500).matches("[ -~]*"));
  }
}
