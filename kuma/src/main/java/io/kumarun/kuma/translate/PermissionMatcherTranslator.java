package io.kumarun.kuma.translate;

import com.github.xds.type.matcher.v3.Matcher;
import com.github.xds.type.matcher.v3.Matcher.MatcherList.FieldMatcher;
import com.github.xds.type.matcher.v3.Matcher.MatcherList.Predicate;
import com.github.xds.type.matcher.v3.Matcher.MatcherList.Predicate.SinglePredicate;
import com.github.xds.type.matcher.v3.Matcher.OnMatch;
import com.github.xds.type.matcher.v3.StringMatcher;
import com.google.protobuf.Any;
import io.envoyproxy.envoy.extensions.matching.common_inputs.network.v3.ServerNameInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.ssl.v3.UriSanInput;
import io.kumarun.proxy.config.PermissionConfig;
import io.kumarun.proxy.config.PermissionConfig.Action;
import io.kumarun.proxy.config.PermissionConfig.Condition;
import io.kumarun.proxy.config.PermissionConfig.Rule;
import io.kumarun.proxy.config.PermissionConfig.StringMatch;
import io.kumarun.proxy.config.PermissionConfig.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The matcher encoding of MeshTrafficPermission: a list of predicates, each with an RBAC action.
 * Nothing matched and nothing said for that case: denied, as in Envoy.
 */
final class PermissionMatcherTranslator {
  private PermissionMatcherTranslator() {}

  static PermissionConfig translate(
      Matcher source, @Nullable PermissionConfig shadow, FieldPath path) {
    path.known(source);
    List<Rule> rules = new ArrayList<>();
    switch (source.getMatcherTypeCase()) {
      case MATCHER_LIST -> {
        for (int i = 0; i < source.getMatcherList().getMatchersCount(); i++) {
          FieldMatcher field = source.getMatcherList().getMatchers(i);
          FieldPath at = path.at("matcher_list.matchers", i);
          Verdict verdict = action(field.getOnMatch(), at.at("on_match"));
          rules.add(
              new Rule(
                  verdict.name(),
                  predicate(field.getPredicate(), at.at("predicate")),
                  verdict.action()));
        }
      }
      case MATCHERTYPE_NOT_SET -> {
        // Only on_no_match: a listener without any permission.
      }
      case MATCHER_TREE -> throw path.rejected("matcher_tree", "matcher_list");
    }
    Verdict otherwise =
        source.hasOnNoMatch()
            ? action(source.getOnNoMatch(), path.at("on_no_match"))
            : new Verdict(PermissionTranslator.NO_POLICY, Action.DENY);
    return new PermissionConfig(rules, otherwise, shadow);
  }

  private static Verdict action(OnMatch source, FieldPath path) {
    if (source.getOnMatchCase() != OnMatch.OnMatchCase.ACTION) {
      throw path.rejected(source.getOnMatchCase(), "action");
    }
    FieldPath at = path.at("action");
    Any config = source.getAction().getTypedConfig();
    if (!config.is(io.envoyproxy.envoy.config.rbac.v3.Action.class)) {
      throw at.rejected(FieldPath.typeName(config), "envoy.config.rbac.v3.Action");
    }
    var action = at.known(at.unpack(config, io.envoyproxy.envoy.config.rbac.v3.Action.class));
    return new Verdict(
        action.getName(),
        switch (action.getAction()) {
          case ALLOW -> Action.ALLOW;
          case DENY -> Action.DENY;
          case LOG, UNRECOGNIZED -> throw at.rejected(action.getAction(), "ALLOW or DENY");
        });
  }

  private static Condition predicate(Predicate source, FieldPath path) {
    return switch (source.getMatchTypeCase()) {
      case SINGLE_PREDICATE -> single(source.getSinglePredicate(), path.at("single_predicate"));
      case OR_MATCHER ->
          PermissionTranslator.any(list(source.getOrMatcher(), path.at("or_matcher")));
      case AND_MATCHER ->
          PermissionTranslator.all(list(source.getAndMatcher(), path.at("and_matcher")));
      case NOT_MATCHER ->
          new Condition.Not(predicate(source.getNotMatcher(), path.at("not_matcher")));
      case MATCHTYPE_NOT_SET -> throw path.rejected("is empty, expected single, or, and or not");
    };
  }

  private static List<Condition> list(Predicate.PredicateList source, FieldPath path) {
    if (source.getPredicateCount() == 0) {
      throw path.rejected("is empty");
    }
    List<Condition> conditions = new ArrayList<>();
    for (int i = 0; i < source.getPredicateCount(); i++) {
      conditions.add(predicate(source.getPredicate(i), path.at("predicate", i)));
    }
    return conditions;
  }

  private static Condition single(SinglePredicate source, FieldPath path) {
    path.refuse(source.hasCustomMatch(), "custom_match");
    StringMatch value = string(source.getValueMatch(), path.at("value_match"));
    Any input = source.getInput().getTypedConfig();
    if (input.is(UriSanInput.class)) {
      return new Condition.UriSan(value);
    }
    if (input.is(ServerNameInput.class)) {
      return new Condition.ServerName(value);
    }
    throw path.at("input")
        .rejected(
            source.getInput().getName() + " (" + FieldPath.typeName(input) + ")",
            "UriSanInput or ServerNameInput");
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
