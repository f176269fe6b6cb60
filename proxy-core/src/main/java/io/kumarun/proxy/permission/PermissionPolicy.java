package io.kumarun.proxy.permission;

import io.kumarun.proxy.config.PermissionConfig;
import io.kumarun.proxy.config.PermissionConfig.Action;
import io.kumarun.proxy.config.PermissionConfig.Condition;
import io.kumarun.proxy.config.PermissionConfig.Rule;
import io.kumarun.proxy.config.PermissionConfig.StringMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A compiled MeshTrafficPermission. Immutable; any thread. Decides once per connection: every input
 * Kuma uses belongs to the connection (contract §3.4).
 */
public final class PermissionPolicy {
  private final List<CompiledRule> rules;
  private final PermissionConfig.Verdict otherwise;
  private final @Nullable PermissionPolicy shadow;

  private PermissionPolicy(
      List<CompiledRule> rules,
      PermissionConfig.Verdict otherwise,
      @Nullable PermissionPolicy shadow) {
    this.rules = rules;
    this.otherwise = otherwise;
    this.shadow = shadow;
  }

  /**
   * @throws IllegalArgumentException if a regular expression is not RE2
   */
  public static PermissionPolicy compile(PermissionConfig config) {
    List<CompiledRule> rules = new ArrayList<>();
    for (Rule rule : config.rules()) {
      rules.add(new CompiledRule(rule.name(), predicate(rule.condition()), rule.action()));
    }
    return new PermissionPolicy(
        List.copyOf(rules),
        config.otherwise(),
        config.shadow() == null ? null : compile(config.shadow()));
  }

  /** Decides, and says in whose name. */
  public Decision decide(ConnectionFacts facts) {
    Decision enforced = first(facts);
    if (shadow == null) {
      return enforced;
    }
    Decision shadowed = shadow.first(facts);
    return new Decision(enforced.allowed(), enforced.policy(), !shadowed.allowed());
  }

  private Decision first(ConnectionFacts facts) {
    for (CompiledRule rule : rules) {
      if (rule.condition.test(facts)) {
        return new Decision(rule.action == Action.ALLOW, rule.name, false);
      }
    }
    return new Decision(otherwise.action() == Action.ALLOW, otherwise.name(), false);
  }

  private static Predicate<ConnectionFacts> predicate(Condition condition) {
    return switch (condition) {
      case Condition.Any() -> facts -> true;
      case Condition.Authenticated() -> ConnectionFacts::authenticated;
      case Condition.PrincipalName(StringMatch name) -> principal(TextMatcher.compile(name));
      case Condition.UriSan(StringMatch value) -> {
        TextMatcher matcher = TextMatcher.compile(value);
        // Envoy's UriSanInput has no value without TLS, and then matches nothing.
        yield facts -> facts.authenticated() && matcher.matches(String.join(",", facts.uriSans()));
      }
      case Condition.ServerName(StringMatch value) -> {
        TextMatcher matcher = TextMatcher.compile(value);
        yield facts -> !facts.serverName().isEmpty() && matcher.matches(facts.serverName());
      }
      case Condition.AllOf(List<Condition> conditions) -> {
        List<Predicate<ConnectionFacts>> parts = predicates(conditions);
        yield facts -> parts.stream().allMatch(part -> part.test(facts));
      }
      case Condition.AnyOf(List<Condition> conditions) -> {
        List<Predicate<ConnectionFacts>> parts = predicates(conditions);
        yield facts -> parts.stream().anyMatch(part -> part.test(facts));
      }
      case Condition.Not(Condition inner) -> predicate(inner).negate();
    };
  }

  private static List<Predicate<ConnectionFacts>> predicates(List<Condition> conditions) {
    return conditions.stream().map(PermissionPolicy::predicate).toList();
  }

  /** Envoy compares the URI SANs and then the DNS SANs (config.rbac.v3.Principal.Authenticated). */
  private static Predicate<ConnectionFacts> principal(TextMatcher matcher) {
    return facts ->
        facts.authenticated()
            && (facts.uriSans().stream().anyMatch(matcher::matches)
                || facts.dnsSans().stream().anyMatch(matcher::matches));
  }

  private record CompiledRule(String name, Predicate<ConnectionFacts> condition, Action action) {}

  /**
   * @param policy the name of the rule that decided
   * @param shadowDenied the shadow rules would have denied; changes nothing
   */
  public record Decision(boolean allowed, String policy, boolean shadowDenied) {}
}
