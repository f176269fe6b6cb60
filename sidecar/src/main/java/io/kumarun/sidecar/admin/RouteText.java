package io.kumarun.sidecar.admin;

import io.kumarun.proxy.config.ClusterChoice;
import io.kumarun.proxy.config.FilterChainConfig;
import io.kumarun.proxy.config.FilterChainMatch;
import io.kumarun.proxy.config.RouteTableConfig.HeaderMatch;
import io.kumarun.proxy.config.RouteTableConfig.PathMatch;
import io.kumarun.proxy.config.RouteTableConfig.QueryMatch;
import io.kumarun.proxy.config.RouteTableConfig.RouteAction;
import io.kumarun.proxy.config.RouteTableConfig.RouteMatch;
import io.kumarun.proxy.config.RouteTableConfig.ValueMatch;
import java.util.ArrayList;
import java.util.List;

/** Matches and actions in words. */
final class RouteText {
  private RouteText() {}

  static String chain(FilterChainConfig chain) {
    FilterChainMatch match = chain.match();
    List<String> words = new ArrayList<>();
    if (match.transport() != null) {
      words.add(match.transport() == FilterChainMatch.Transport.TLS ? "TLS" : "cleartext");
    }
    if (match.destinationPort() != 0) {
      words.add("port " + match.destinationPort());
    }
    if (!match.serverNames().isEmpty()) {
      words.add("SNI " + String.join(", ", match.serverNames()));
    }
    if (!match.applicationProtocols().isEmpty()) {
      words.add("ALPN " + String.join(", ", match.applicationProtocols()));
    }
    return words.isEmpty() ? "any connection" : String.join(", ", words);
  }

  static String tls(FilterChainConfig chain) {
    if (chain.tls() == null) {
      return "not terminated";
    }
    return "TLS with "
        + chain.tls().certificate().name()
        + (chain.tls().requireClientCertificate() ? ", client certificate required" : "");
  }

  static String match(RouteMatch match) {
    StringBuilder text =
        new StringBuilder(
            switch (match.path()) {
              case PathMatch.Prefix(String prefix) -> "prefix " + prefix;
              case PathMatch.Exact(String path) -> "exactly " + path;
              case PathMatch.Regex(String regex) -> "regex " + regex;
            });
    for (HeaderMatch header : match.headers()) {
      text.append(header.invert() ? "; not header " : "; header ")
          .append(header.name())
          .append(' ')
          .append(value(header.value()));
    }
    for (QueryMatch query : match.query()) {
      text.append("; query ").append(query.name()).append(' ').append(value(query.value()));
    }
    return text.toString();
  }

  private static String value(ValueMatch value) {
    return switch (value) {
      case ValueMatch.Exact(String exact) -> "= " + exact;
      case ValueMatch.Prefix(String prefix) -> "prefix " + prefix;
      case ValueMatch.Regex(String regex) -> "regex " + regex;
      case ValueMatch.Present() -> "present";
    };
  }

  static String action(RouteAction action) {
    return switch (action) {
      case RouteAction.Forward forward -> clusters(forward.cluster());
      case RouteAction.DirectResponse direct -> "answers " + direct.status();
      case RouteAction.Redirect redirect -> "redirects, " + redirect.status();
    };
  }

  static String clusters(ClusterChoice choice) {
    return switch (choice) {
      case ClusterChoice.Single(String cluster) -> cluster;
      case ClusterChoice.Weighted weighted ->
          String.join(
              ", ",
              weighted.clusters().stream()
                  .map(each -> each.cluster() + " (weight " + each.weight() + ")")
                  .toList());
    };
  }
}
