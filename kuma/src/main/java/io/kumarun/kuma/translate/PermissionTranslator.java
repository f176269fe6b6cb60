package io.kumarun.kuma.translate;

import com.github.xds.type.matcher.v3.Matcher;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.kumarun.proxy.config.PermissionConfig;
import io.kumarun.proxy.config.PermissionConfig.Action;
import io.kumarun.proxy.config.PermissionConfig.Condition;
import io.kumarun.proxy.config.PermissionConfig.Rule;
import io.kumarun.proxy.config.PermissionConfig.StringMatch;
import io.kumarun.proxy.config.PermissionConfig.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Both encodings of MeshTrafficPermission (contract §3.4): {@code rules} (legacy) here, {@code
 * matcher} in {@link PermissionMatcherTranslator}. What cannot be said exactly refuses the
 * listener.
 */
final class PermissionTranslator {
  /** What Envoy prints where no policy decided. */
  static final String NO_POLICY = "none";

  private PermissionTranslator() {}

  /** Null: the filter decides nothing. As in Envoy, a matcher wins over rules. */
  static @Nullable PermissionConfig translate(
      @Nullable RBAC rules,
      @Nullable Matcher matcher,
      @Nullable RBAC shadowRules,
      @Nullable Matcher shadowMatcher,
      FieldPath path) {
    PermissionConfig shadow =
        engine(shadowRules, "shadow_rules", shadowMatcher, "shadow_matcher", null, path);
    PermissionConfig permission = engine(rules, "rules", matcher, "matcher", shadow, path);
    if (permission == null && shadow != null) {
      return new PermissionConfig(List.of(), new Verdict(NO_POLICY, Action.ALLOW), shadow);
    }
    return permission;
  }

  private static @Nullable PermissionConfig engine(
      @Nullable RBAC rules,
      String rulesField,
      @Nullable Matcher matcher,
      String matcherField,
      @Nullable PermissionConfig shadow,
      FieldPath path) {
    if (matcher != null) {
      return PermissionMatcherTranslator.translate(matcher, shadow, path.at(matcherField));
    }
    return rules == null ? null : rules(rules, shadow, path.at(rulesField));
  }

  private static PermissionConfig rules(
      RBAC source, @Nullable PermissionConfig shadow, FieldPath path) {
    Action hit =
        switch (source.getAction()) {
          case ALLOW -> Action.ALLOW;
          case DENY -> Action.DENY;
          case LOG, UNRECOGNIZED ->
              throw path.at("action").rejected(source.getAction(), "ALLOW or DENY");
        };
    List<Rule> rules = new ArrayList<>();
    // Envoy tries policies in the order of their names.
    for (var entry : new TreeMap<>(source.getPoliciesMap()).entrySet()) {
      FieldPath at = path.at("policies[" + entry.getKey() + "]");
      rules.add(new Rule(entry.getKey(), policy(entry.getValue(), at), hit));
    }
    Action otherwise = hit == Action.ALLOW ? Action.DENY : Action.ALLOW;
    return new PermissionConfig(rules, new Verdict(NO_POLICY, otherwise), shadow);
  }

  private static Condition policy(Policy policy, FieldPath path) {
    path.refuse(policy.hasCondition(), "condition");
    path.refuse(policy.hasCheckedCondition(), "checked_condition");
    Condition permission =
        any(
            each(
                policy.getPermissionsList(),
                "permissions",
                path,
                PermissionTranslator::permission));
    Condition principal =
        any(each(policy.getPrincipalsList(), "principals", path, PermissionTranslator::principal));
    return permission instanceof Condition.Any ? principal : all(List.of(permission, principal));
  }

  private static Condition permission(Permission source, FieldPath path) {
    return switch (source.getRuleCase()) {
      case ANY -> always(source.getAny(), path);
      case AND_RULES ->
          all(
              each(
                  source.getAndRules().getRulesList(),
                  "and_rules",
                  path,
                  PermissionTranslator::permission));
      case OR_RULES ->
          any(
              each(
                  source.getOrRules().getRulesList(),
                  "or_rules",
                  path,
                  PermissionTranslator::permission));
      case NOT_RULE -> new Condition.Not(permission(source.getNotRule(), path.at("not_rule")));
      case REQUESTED_SERVER_NAME ->
          new Condition.ServerName(
              string(source.getRequestedServerName(), path.at("requested_server_name")));
      default ->
          throw path.rejected(
              source.getRuleCase(), "any, and_rules, or_rules, not_rule, requested_server_name");
    };
  }

  @SuppressWarnings("deprecation")
  private static Condition principal(Principal source, FieldPath path) {
    return switch (source.getIdentifierCase()) {
      case ANY -> always(source.getAny(), path);
      case AUTHENTICATED ->
          source.getAuthenticated().hasPrincipalName()
              ? new Condition.PrincipalName(
                  string(
                      source.getAuthenticated().getPrincipalName(),
                      path.at("authenticated.principal_name")))
              : new Condition.Authenticated();
      case AND_IDS ->
          all(
              each(
                  source.getAndIds().getIdsList(),
                  "and_ids",
                  path,
                  PermissionTranslator::principal));
      case OR_IDS ->
          any(
              each(
                  source.getOrIds().getIdsList(), "or_ids", path, PermissionTranslator::principal));
      case NOT_ID -> new Condition.Not(principal(source.getNotId(), path.at("not_id")));
      default ->
          throw path.rejected(
              source.getIdentifierCase(), "any, authenticated, and_ids, or_ids, not_id");
    };
  }

  private static Condition always(boolean any, FieldPath path) {
    if (!any) {
      throw path.at("any").rejected("false", "true");
    }
    return new Condition.Any();
  }

  private static <T> List<Condition> each(
      List<T> sources,
      String field,
      FieldPath path,
      BiFunction<T, FieldPath, Condition> translation) {
    if (sources.isEmpty()) {
      throw path.at(field).rejected("is empty");
    }
    List<Condition> conditions = new ArrayList<>(sources.size());
    for (int i = 0; i < sources.size(); i++) {
      conditions.add(translation.apply(sources.get(i), path.at(field, i)));
    }
    return conditions;
  }

  static Condition any(List<Condition> conditions) {
    return conditions.size() == 1 ? conditions.getFirst() : new Condition.AnyOf(conditions);
  }

  static Condition all(List<Condition> conditions) {
    return conditions.size() == 1 ? conditions.getFirst() : new Condition.AllOf(conditions);
  }

  private static StringMatch string(StringMatcher source, FieldPath path) {
    path.refuse(source.getIgnoreCase(), "ignore_case");
    return switch (source.getMatchPatternCase()) {
      case EXACT -> new StringMatch.Exact(source.getExact());
      case PREFIX -> new StringMatch.Prefix(source.getPrefix());
      case SUFFIX -> new StringMatch.Suffix(source.getSuffix());
      case CONTAINS -> new StringMatch.Contains(source.getContains());
      case SAFE_REGEX ->
          new StringMatch.Regex(
              Values.regex(source.getSafeRegex().getRegex(), path.at("safe_regex")));
      case CUSTOM, MATCHPATTERN_NOT_SET ->
          throw path.rejected(
              source.getMatchPatternCase(), "exact, prefix, suffix, contains or safe_regex");
    };
  }
}
