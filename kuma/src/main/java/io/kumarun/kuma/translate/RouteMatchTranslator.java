package io.kumarun.kuma.translate;

import com.google.re2j.Pattern;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import io.kumarun.proxy.config.RouteTableConfig;
import io.kumarun.proxy.config.RouteTableConfig.HeaderMatch;
import io.kumarun.proxy.config.RouteTableConfig.PathMatch;
import io.kumarun.proxy.config.RouteTableConfig.QueryMatch;
import io.kumarun.proxy.config.RouteTableConfig.ValueMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code RouteMatch} (contract §3.1). A condition that cannot be said refuses the listener: a route
 * left out would hand its traffic to a later one.
 */
final class RouteMatchTranslator {
  private RouteMatchTranslator() {}

  /**
   * Null: a route that is left out, with a note. Only for the routes that Kuma puts before one with
   * the same action, to limit or time some peers differently ({@code filter_state}, §3.5, §3.7).
   */
  static RouteTableConfig.@Nullable RouteMatch translate(RouteMatch source, FieldPath path) {
    path.known(source);
    if (source.getFilterStateCount() > 0) {
      path.note("routes by filter_state are left out: their limits and time-outs do not apply");
      return null;
    }
    path.refuse(source.hasGrpc(), "grpc");
    path.refuse(source.hasTlsContext(), "tls_context");
    path.refuse(source.getDynamicMetadataCount() > 0, "dynamic_metadata");
    path.refuse(
        source.hasCaseSensitive() && !source.getCaseSensitive().getValue(), "case_sensitive");
    if (source.hasRuntimeFraction()) {
      path.refuse(
          !isAlways(source.getRuntimeFraction().getDefaultValue()), "runtime_fraction below 100 %");
    }
    List<HeaderMatch> headers = new ArrayList<>();
    for (int i = 0; i < source.getHeadersCount(); i++) {
      headers.add(header(source.getHeaders(i), path.at("headers", i)));
    }
    List<QueryMatch> query = new ArrayList<>();
    for (int i = 0; i < source.getQueryParametersCount(); i++) {
      query.add(query(source.getQueryParameters(i), path.at("query_parameters", i)));
    }
    return new RouteTableConfig.RouteMatch(path(source, path), headers, query);
  }

  private static PathMatch path(RouteMatch source, FieldPath path) {
    return switch (source.getPathSpecifierCase()) {
      case PREFIX -> new PathMatch.Prefix(source.getPrefix());
      case PATH -> new PathMatch.Exact(source.getPath());
      case SAFE_REGEX ->
          new PathMatch.Regex(
              Values.regex(source.getSafeRegex().getRegex(), path.at("safe_regex")));
      case PATH_SEPARATED_PREFIX ->
          new PathMatch.Regex(Pattern.quote(source.getPathSeparatedPrefix()) + "(?:/(?s:.*))?");
      case CONNECT_MATCHER, PATH_MATCH_POLICY, PATHSPECIFIER_NOT_SET ->
          throw path.rejected(source.getPathSpecifierCase(), "prefix, path or safe_regex");
    };
  }

  @SuppressWarnings("deprecation")
  private static HeaderMatch header(HeaderMatcher source, FieldPath path) {
    String name = source.getName().toLowerCase(Locale.ROOT);
    path.refuse(source.getTreatMissingHeaderAsEmpty(), "treat_missing_header_as_empty");
    boolean invert = source.getInvertMatch();
    return switch (source.getHeaderMatchSpecifierCase()) {
      case PRESENT_MATCH ->
          new HeaderMatch(name, new ValueMatch.Present(), source.getPresentMatch() == invert);
      case HEADERMATCHSPECIFIER_NOT_SET -> new HeaderMatch(name, new ValueMatch.Present(), invert);
      case STRING_MATCH ->
          new HeaderMatch(name, value(source.getStringMatch(), path.at("string_match")), invert);
      case EXACT_MATCH ->
          new HeaderMatch(name, new ValueMatch.Exact(source.getExactMatch()), invert);
      case PREFIX_MATCH ->
          new HeaderMatch(name, new ValueMatch.Prefix(source.getPrefixMatch()), invert);
      case SUFFIX_MATCH ->
          new HeaderMatch(
              name,
              new ValueMatch.Regex("(?s:.*)" + Pattern.quote(source.getSuffixMatch())),
              invert);
      case CONTAINS_MATCH ->
          new HeaderMatch(
              name,
              new ValueMatch.Regex(
                  "(?s:.*)" + Pattern.quote(source.getContainsMatch()) + "(?s:.*)"),
              invert);
      case SAFE_REGEX_MATCH ->
          new HeaderMatch(
              name,
              new ValueMatch.Regex(
                  Values.regex(source.getSafeRegexMatch().getRegex(), path.at("safe_regex_match"))),
              invert);
      case RANGE_MATCH ->
          throw path.rejected(
              source.getHeaderMatchSpecifierCase() + " of header " + name,
              "string_match or present_match");
    };
  }

  private static QueryMatch query(QueryParameterMatcher source, FieldPath path) {
    ValueMatch value =
        switch (source.getQueryParameterMatchSpecifierCase()) {
          case STRING_MATCH -> value(source.getStringMatch(), path.at("string_match"));
          case PRESENT_MATCH -> {
            path.refuse(!source.getPresentMatch(), "present_match false");
            yield new ValueMatch.Present();
          }
          case QUERYPARAMETERMATCHSPECIFIER_NOT_SET -> new ValueMatch.Present();
        };
    return new QueryMatch(source.getName(), value);
  }

  private static ValueMatch value(StringMatcher source, FieldPath path) {
    boolean ignoreCase = source.getIgnoreCase();
    return switch (source.getMatchPatternCase()) {
      case EXACT ->
          ignoreCase
              ? new ValueMatch.Regex("(?i:" + Pattern.quote(source.getExact()) + ")")
              : new ValueMatch.Exact(source.getExact());
      case PREFIX ->
          ignoreCase
              ? new ValueMatch.Regex("(?i:" + Pattern.quote(source.getPrefix()) + ")(?s:.*)")
              : new ValueMatch.Prefix(source.getPrefix());
      case SUFFIX -> new ValueMatch.Regex("(?s:.*)" + quoted(source.getSuffix(), ignoreCase));
      case CONTAINS ->
          new ValueMatch.Regex("(?s:.*)" + quoted(source.getContains(), ignoreCase) + "(?s:.*)");
      case SAFE_REGEX ->
          new ValueMatch.Regex(
              Values.regex(source.getSafeRegex().getRegex(), path.at("safe_regex")));
      case CUSTOM, MATCHPATTERN_NOT_SET ->
          throw path.rejected(
              source.getMatchPatternCase(), "exact, prefix, suffix, contains or safe_regex");
    };
  }

  private static String quoted(String text, boolean ignoreCase) {
    return ignoreCase ? "(?i:" + Pattern.quote(text) + ")" : Pattern.quote(text);
  }

  private static boolean isAlways(FractionalPercent percent) {
    return switch (percent.getDenominator()) {
      case HUNDRED -> Values.unsigned(percent.getNumerator()) >= 100;
      case TEN_THOUSAND -> Values.unsigned(percent.getNumerator()) >= 10_000;
      case MILLION -> Values.unsigned(percent.getNumerator()) >= 1_000_000;
      case UNRECOGNIZED -> false;
    };
  }
}
