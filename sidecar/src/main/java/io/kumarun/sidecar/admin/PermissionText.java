package io.kumarun.sidecar.admin;

import io.kumarun.proxy.config.FilterChainConfig;
import io.kumarun.proxy.config.FilterChainConfig.NetworkFilterConfig;
import io.kumarun.proxy.config.HttpConnectionConfig;
import io.kumarun.proxy.config.HttpConnectionConfig.HttpFilterConfig;
import io.kumarun.proxy.config.PermissionConfig;
import io.kumarun.proxy.config.PermissionConfig.Action;
import io.kumarun.proxy.config.PermissionConfig.Condition;
import io.kumarun.proxy.config.PermissionConfig.Rule;
import io.kumarun.proxy.config.PermissionConfig.StringMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Who may come in, in words: the first rule that holds decides. */
final class PermissionText {
  private PermissionText() {}

  /** A sentence for each rule of each permission on the chain; empty: everybody may. */
  static List<String> of(FilterChainConfig chain) {
    List<String> sentences = new ArrayList<>();
    for (NetworkFilterConfig filter : chain.networkFilters()) {
      if (filter instanceof NetworkFilterConfig.Rbac(PermissionConfig permission)) {
        add(permission, sentences);
      }
    }
    if (chain.terminal() instanceof HttpConnectionConfig http) {
      for (HttpFilterConfig filter : http.filters()) {
        if (filter instanceof HttpFilterConfig.Rbac(PermissionConfig permission)) {
          add(permission, sentences);
        }
      }
    }
    return sentences;
  }

  private static void add(PermissionConfig permission, List<String> sentences) {
    for (Rule rule : permission.rules()) {
      sentences.add(
          verb(rule.action()) + " " + condition(rule.condition()) + "; policy " + rule.name());
    }
    sentences.add(verb(permission.otherwise().action()) + " everybody else");
  }

  private static String verb(Action action) {
    return switch (action) {
      case ALLOW -> "allows";
      case DENY -> "denies";
    };
  }

  private static String condition(Condition condition) {
    return switch (condition) {
      case Condition.Any() -> "anybody";
      case Condition.Authenticated() -> "any peer with a certificate";
      case Condition.PrincipalName(StringMatch name) -> "peer " + match(name);
      case Condition.UriSan(StringMatch value) -> "peer " + match(value);
      case Condition.ServerName(StringMatch value) -> "SNI " + match(value);
      case Condition.AllOf(List<Condition> all) -> joined(all, " and ");
      case Condition.AnyOf(List<Condition> any) -> joined(any, " or ");
      case Condition.Not(Condition not) -> "not (" + condition(not) + ")";
    };
  }

  private static String joined(List<Condition> conditions, String word) {
    return conditions.size() == 1
        ? condition(conditions.getFirst())
        : conditions.stream()
            .map(PermissionText::condition)
            .collect(Collectors.joining(word, "(", ")"));
  }

  private static String match(StringMatch match) {
    return switch (match) {
      case StringMatch.Exact(String value) -> value;
      case StringMatch.Prefix(String prefix) -> prefix + "…";
      case StringMatch.Suffix(String suffix) -> "…" + suffix;
      case StringMatch.Contains(String part) -> "…" + part + "…";
      case StringMatch.Regex(String regex) -> "regex " + regex;
    };
  }
}
