package io.kumarun.kuma.translate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.xds.core.v3.TypedExtensionConfig;
import com.github.xds.type.matcher.v3.Matcher;
import com.github.xds.type.matcher.v3.Matcher.MatcherList.FieldMatcher;
import com.github.xds.type.matcher.v3.Matcher.MatcherList.Predicate;
import com.github.xds.type.matcher.v3.Matcher.MatcherList.Predicate.SinglePredicate;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.extensions.matching.common_inputs.network.v3.DestinationPortInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.network.v3.ServerNameInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.ssl.v3.UriSanInput;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.kumarun.proxy.config.PermissionConfig;
import io.kumarun.proxy.config.PermissionConfig.Action;
import io.kumarun.proxy.config.PermissionConfig.Condition;
import io.kumarun.proxy.config.PermissionConfig.Rule;
import io.kumarun.proxy.config.PermissionConfig.StringMatch;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PermissionTranslatorTest {
  private static final String FRONTEND = "spiffe://m/frontend";
  private static final String BATCH = "spiffe://m/batch";
  private static final Permission ANYTHING = Permission.newBuilder().setAny(true).build();

  @Test
  void rulesWithoutPoliciesDenyEverybody() {
    PermissionConfig config = rules(RBAC.getDefaultInstance());

    assertThat(verdict(config, List.of(FRONTEND), "")).isEqualTo(Action.DENY);
    assertThat(verdict(config, List.of(), "")).isEqualTo(Action.DENY);
    assertThat(config.otherwise().name()).isEqualTo("none");
  }

  @Test
  void aPolicyAllowsItsPrincipalsOnly() {
    PermissionConfig config = rules(allow(exact(FRONTEND)));

    assertThat(verdict(config, List.of(FRONTEND), "")).isEqualTo(Action.ALLOW);
    assertThat(verdict(config, List.of("kuma://zone/a", FRONTEND), "")).isEqualTo(Action.ALLOW);
    assertThat(verdict(config, List.of(BATCH), "")).isEqualTo(Action.DENY);
    assertThat(verdict(config, List.of(), "")).isEqualTo(Action.DENY);
  }

  @Test
  void combinationsOfPrincipals() {
    Principal frontendNotInZone =
        Principal.newBuilder()
            .setAndIds(
                Principal.Set.newBuilder()
                    .addIds(exact(FRONTEND))
                    .addIds(Principal.newBuilder().setNotId(exact("kuma://zone/a"))))
            .build();
    PermissionConfig config = rules(allow(frontendNotInZone));

    assertThat(verdict(config, List.of(FRONTEND), "")).isEqualTo(Action.ALLOW);
    assertThat(verdict(config, List.of(FRONTEND, "kuma://zone/a"), "")).isEqualTo(Action.DENY);
    assertThat(verdict(config, List.of("kuma://zone/b"), "")).isEqualTo(Action.DENY);
  }

  @Test
  void denyingRulesAllowTheOthers() {
    PermissionConfig config =
        rules(allow(exact(BATCH)).toBuilder().setAction(RBAC.Action.DENY).build());

    assertThat(verdict(config, List.of(BATCH), "")).isEqualTo(Action.DENY);
    assertThat(verdict(config, List.of(FRONTEND), "")).isEqualTo(Action.ALLOW);
  }

  @Test
  void theFirstMatcherDecidesAndNobodyElseComesIn() {
    Matcher matcher =
        matcher(
            on(uri(exactMatch("spiffe://m/blocked")), "deny-policy", "DENY"),
            on(uri(prefixMatch("spiffe://m/")), "allow-policy", "ALLOW"),
            on(single(ServerNameInput.getDefaultInstance(), exactMatch("a.b")), "sni", "ALLOW"));
    PermissionConfig config = translate(null, matcher, null, null);

    assertThat(verdict(config, List.of("spiffe://m/blocked"), "")).isEqualTo(Action.DENY);
    assertThat(verdict(config, List.of("spiffe://m/x"), "")).isEqualTo(Action.ALLOW);
    assertThat(verdict(config, List.of("spiffe://n/x"), "")).isEqualTo(Action.DENY);
    assertThat(verdict(config, List.of("spiffe://n/x"), "a.b")).isEqualTo(Action.ALLOW);
    assertThat(config.rules())
        .extracting(Rule::name)
        .containsExactly("deny-policy", "allow-policy", "sni");
    assertThat(config.otherwise().name()).isEqualTo("none");
  }

  @Test
  void combinationsOfPredicates() {
    Predicate.PredicateList both =
        Predicate.PredicateList.newBuilder()
            .addPredicate(uri(prefixMatch("spiffe://m/")))
            .addPredicate(Predicate.newBuilder().setNotMatcher(uri(exactMatch(BATCH))))
            .build();
    PermissionConfig config =
        translate(
            null,
            matcher(on(Predicate.newBuilder().setAndMatcher(both).build(), "p", "ALLOW")),
            null,
            null);

    assertThat(verdict(config, List.of(FRONTEND), "")).isEqualTo(Action.ALLOW);
    assertThat(verdict(config, List.of(BATCH), "")).isEqualTo(Action.DENY);
  }

  @Test
  void anEmptyMatcherDeniesEverybody() {
    PermissionConfig config = translate(null, Matcher.getDefaultInstance(), null, null);

    assertThat(verdict(config, List.of(FRONTEND), "")).isEqualTo(Action.DENY);
  }

  @Test
  void aMatcherWinsOverRules() {
    PermissionConfig config =
        translate(allow(exact(FRONTEND)), Matcher.getDefaultInstance(), null, null);

    assertThat(verdict(config, List.of(FRONTEND), "")).isEqualTo(Action.DENY);
  }

  @Test
  void shadowRulesDecideNothing() {
    PermissionConfig config =
        translate(
            null, null, allow(exact(BATCH)).toBuilder().setAction(RBAC.Action.DENY).build(), null);

    assertThat(verdict(config, List.of(BATCH), "")).isEqualTo(Action.ALLOW);
    assertThat(verdict(Objects.requireNonNull(config.shadow()), List.of(BATCH), ""))
        .isEqualTo(Action.DENY);
  }

  @Test
  void whatCannotBeSaidRefusesTheListener() {
    assertRefused(
        allow(
            Principal.newBuilder()
                .setHeader(HeaderMatcher.newBuilder().setName("x-admin").setPresentMatch(true))
                .build()),
        "HEADER");
    assertRefused(
        RBAC.newBuilder()
            .putPolicies(
                "p",
                Policy.newBuilder()
                    .addPermissions(Permission.newBuilder().setDestinationPort(80))
                    .addPrincipals(exact(FRONTEND))
                    .build())
            .build(),
        "rules.policies[p].permissions[0]: \"DESTINATION_PORT\"");
    assertRefused(
        allow(
            Principal.newBuilder()
                .setAuthenticated(
                    Principal.Authenticated.newBuilder()
                        .setPrincipalName(
                            StringMatcher.newBuilder().setExact("A").setIgnoreCase(true)))
                .build()),
        "ignore_case");
    assertThatThrownBy(
            () ->
                translate(
                    null,
                    matcher(
                        on(
                            single(DestinationPortInput.getDefaultInstance(), exactMatch("80")),
                            "p",
                            "ALLOW")),
                    null,
                    null))
        .isInstanceOf(ResourceRejectedException.class)
        .hasMessageContaining("DestinationPortInput")
        .hasMessageContaining("expected UriSanInput or ServerNameInput");
  }

  @Test
  void aFieldThatIsNotKnownHereRefusesTheListener() {
    UnknownFieldSet tomorrow =
        UnknownFieldSet.newBuilder()
            .addField(
                999,
                UnknownFieldSet.Field.newBuilder().addLengthDelimited(ByteString.EMPTY).build())
            .build();
    Matcher matcher =
        matcher(
            on(uri(exactMatch(FRONTEND)), "p", "ALLOW").toBuilder()
                .setUnknownFields(tomorrow)
                .build());

    assertThatThrownBy(() -> translate(null, matcher, null, null))
        .isInstanceOf(ResourceRejectedException.class)
        .hasMessageContaining("could restrict traffic");
  }

  private static void assertRefused(RBAC rules, String sentence) {
    assertThatThrownBy(() -> rules(rules))
        .isInstanceOf(ResourceRejectedException.class)
        .hasMessageContaining(sentence);
  }

  private static PermissionConfig rules(RBAC rules) {
    return translate(rules, null, null, null);
  }

  private static PermissionConfig translate(
      @Nullable RBAC rules,
      @Nullable Matcher matcher,
      @Nullable RBAC shadowRules,
      @Nullable Matcher shadowMatcher) {
    return Objects.requireNonNull(
        PermissionTranslator.translate(
            rules, matcher, shadowRules, shadowMatcher, new FieldPath("listener l")));
  }

  private static RBAC allow(Principal principal) {
    return RBAC.newBuilder()
        .putPolicies(
            "MeshTrafficPermission",
            Policy.newBuilder().addPermissions(ANYTHING).addPrincipals(principal).build())
        .build();
  }

  private static Principal exact(String name) {
    return Principal.newBuilder()
        .setAuthenticated(
            Principal.Authenticated.newBuilder()
                .setPrincipalName(StringMatcher.newBuilder().setExact(name)))
        .build();
  }

  private static com.github.xds.type.matcher.v3.StringMatcher exactMatch(String value) {
    return com.github.xds.type.matcher.v3.StringMatcher.newBuilder().setExact(value).build();
  }

  private static com.github.xds.type.matcher.v3.StringMatcher prefixMatch(String value) {
    return com.github.xds.type.matcher.v3.StringMatcher.newBuilder().setPrefix(value).build();
  }

  private static Predicate uri(com.github.xds.type.matcher.v3.StringMatcher match) {
    return single(UriSanInput.getDefaultInstance(), match);
  }

  private static Predicate single(
      Message input, com.github.xds.type.matcher.v3.StringMatcher match) {
    return Predicate.newBuilder()
        .setSinglePredicate(
            SinglePredicate.newBuilder()
                .setInput(TypedExtensionConfig.newBuilder().setTypedConfig(Any.pack(input)))
                .setValueMatch(match))
        .build();
  }

  private static FieldMatcher on(Predicate predicate, String name, String action) {
    var rbac =
        io.envoyproxy.envoy.config.rbac.v3.Action.newBuilder()
            .setName(name)
            .setAction(RBAC.Action.valueOf(action))
            .build();
    return FieldMatcher.newBuilder()
        .setPredicate(predicate)
        .setOnMatch(
            Matcher.OnMatch.newBuilder()
                .setAction(TypedExtensionConfig.newBuilder().setTypedConfig(Any.pack(rbac))))
        .build();
  }

  private static Matcher matcher(FieldMatcher... matchers) {
    return Matcher.newBuilder()
        .setMatcherList(Matcher.MatcherList.newBuilder().addAllMatchers(List.of(matchers)))
        .build();
  }

  /** What the records mean, said once more. */
  private static Action verdict(PermissionConfig config, List<String> uriSans, String sni) {
    for (Rule rule : config.rules()) {
      if (holds(rule.condition(), uriSans, sni)) {
        return rule.action();
      }
    }
    return config.otherwise().action();
  }

  private static boolean holds(Condition condition, List<String> sans, String sni) {
    return switch (condition) {
      case Condition.Any any -> true;
      case Condition.Authenticated authenticated -> !sans.isEmpty();
      case Condition.PrincipalName name -> sans.stream().anyMatch(san -> matches(name.name(), san));
      case Condition.UriSan san -> matches(san.value(), String.join(",", sans));
      case Condition.ServerName name -> matches(name.value(), sni);
      case Condition.AllOf all ->
          all.conditions().stream().allMatch(each -> holds(each, sans, sni));
      case Condition.AnyOf any ->
          any.conditions().stream().anyMatch(each -> holds(each, sans, sni));
      case Condition.Not not -> !holds(not.condition(), sans, sni);
    };
  }

  private static boolean matches(StringMatch match, String value) {
    return switch (match) {
      case StringMatch.Exact exact -> value.equals(exact.value());
      case StringMatch.Prefix prefix -> value.startsWith(prefix.prefix());
      case StringMatch.Suffix suffix -> value.endsWith(suffix.suffix());
      case StringMatch.Contains contains -> value.contains(contains.part());
      case StringMatch.Regex regex -> value.matches(regex.regex());
    };
  }
}
