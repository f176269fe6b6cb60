package io.kumarun.proxy.permission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumarun.proxy.config.PermissionConfig;
import io.kumarun.proxy.config.PermissionConfig.Action;
import io.kumarun.proxy.config.PermissionConfig.Condition;
import io.kumarun.proxy.config.PermissionConfig.Rule;
import io.kumarun.proxy.config.PermissionConfig.StringMatch;
import io.kumarun.proxy.config.PermissionConfig.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

class PermissionPolicyTest {
  private static final Verdict DENY = new Verdict("default", Action.DENY);
  private static final ConnectionFacts FRONTEND =
      peer("spiffe://default/frontend", "kuma://kuma.io/protocol/http");

  private static ConnectionFacts peer(String... uris) {
    return new ConnectionFacts(true, List.of(uris), List.of(), "");
  }

  private static PermissionPolicy policy(Condition condition, Action action) {
    return PermissionPolicy.compile(
        new PermissionConfig(List.of(new Rule("rule", condition, action)), DENY, null));
  }

  private static Condition principal(String exact) {
    return new Condition.PrincipalName(new StringMatch.Exact(exact));
  }

  @Test
  void noRuleMeansTheDefaultDecides() {
    PermissionPolicy policy = PermissionPolicy.compile(new PermissionConfig(List.of(), DENY, null));

    assertThat(policy.decide(FRONTEND).allowed()).isFalse();
    assertThat(policy.decide(FRONTEND).policy()).isEqualTo("default");
  }

  @Test
  void aPrincipalMatchesAnyOfThePeersUris() {
    PermissionPolicy policy = policy(principal("kuma://kuma.io/protocol/http"), Action.ALLOW);

    assertThat(policy.decide(FRONTEND).allowed()).isTrue();
    assertThat(policy.decide(peer("spiffe://default/other")).allowed()).isFalse();
  }

  @Test
  void nobodyWithoutACertificateIsAPrincipal() {
    ConnectionFacts cleartext = ConnectionFacts.CLEARTEXT;

    assertThat(policy(new Condition.Authenticated(), Action.ALLOW).decide(cleartext).allowed())
        .isFalse();
    assertThat(
            policy(new Condition.PrincipalName(new StringMatch.Prefix("")), Action.ALLOW)
                .decide(cleartext)
                .allowed())
        .isFalse();
    assertThat(
            policy(new Condition.UriSan(new StringMatch.Prefix("")), Action.ALLOW)
                .decide(cleartext)
                .allowed())
        .isFalse();
  }

  @Test
  void theUriSanInputIsAllUrisJoinedByCommas() {
    PermissionPolicy exact =
        policy(
            new Condition.UriSan(
                new StringMatch.Exact("spiffe://default/frontend,kuma://kuma.io/protocol/http")),
            Action.ALLOW);
    PermissionPolicy single =
        policy(
            new Condition.UriSan(new StringMatch.Exact("spiffe://default/frontend")), Action.ALLOW);

    assertThat(exact.decide(FRONTEND).allowed()).isTrue();
    assertThat(single.decide(FRONTEND).allowed()).isFalse();
  }

  @Test
  void theFirstRuleThatHoldsDecidesAndIsNamed() {
    PermissionPolicy policy =
        PermissionPolicy.compile(
            new PermissionConfig(
                List.of(
                    new Rule("no-frontend", principal("spiffe://default/frontend"), Action.DENY),
                    new Rule("everybody", new Condition.Any(), Action.ALLOW)),
                DENY,
                null));

    assertThat(policy.decide(FRONTEND).policy()).isEqualTo("no-frontend");
    assertThat(policy.decide(FRONTEND).allowed()).isFalse();
    assertThat(policy.decide(peer("spiffe://default/other")).policy()).isEqualTo("everybody");
  }

  @Test
  void conditionsCombine() {
    Condition frontendNotHttp =
        new Condition.AllOf(
            List.of(
                principal("spiffe://default/frontend"),
                new Condition.Not(principal("kuma://kuma.io/protocol/http"))));
    Condition either =
        new Condition.AnyOf(
            List.of(
                new Condition.ServerName(new StringMatch.Suffix(".mesh")),
                principal("spiffe://default/batch")));

    assertThat(policy(frontendNotHttp, Action.ALLOW).decide(FRONTEND).allowed()).isFalse();
    assertThat(
            policy(frontendNotHttp, Action.ALLOW)
                .decide(peer("spiffe://default/frontend"))
                .allowed())
        .isTrue();
    assertThat(policy(either, Action.ALLOW).decide(peer("spiffe://default/batch")).allowed())
        .isTrue();
    assertThat(
            policy(either, Action.ALLOW)
                .decide(new ConnectionFacts(true, List.of("x"), List.of(), "a.mesh"))
                .allowed())
        .isTrue();
    assertThat(policy(either, Action.ALLOW).decide(FRONTEND).allowed()).isFalse();
  }

  @Test
  void shadowRulesAreReportedAndDecideNothing() {
    PermissionPolicy policy =
        PermissionPolicy.compile(
            new PermissionConfig(
                List.of(new Rule("everybody", new Condition.Any(), Action.ALLOW)),
                DENY,
                new PermissionConfig(List.of(), DENY, null)));

    assertThat(policy.decide(FRONTEND).allowed()).isTrue();
    assertThat(policy.decide(FRONTEND).shadowDenied()).isTrue();
  }

  @Test
  void aBadExpressionIsNamed() {
    assertThatThrownBy(
            () -> policy(new Condition.UriSan(new StringMatch.Regex("spiffe://(")), Action.ALLOW))
        .hasMessageContaining("\"spiffe://(\" is not an RE2 expression");
  }
}
