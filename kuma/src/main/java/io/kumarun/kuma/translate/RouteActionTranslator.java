package io.kumarun.kuma.translate;

import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatchAndSubstitute;
import io.kumarun.proxy.config.ClusterChoice;
import io.kumarun.proxy.config.RouteTableConfig;
import io.kumarun.proxy.config.RouteTableConfig.HostRewrite;
import io.kumarun.proxy.config.RouteTableConfig.RegexRewrite;
import io.kumarun.proxy.config.RouteTableConfig.RouteAction.DirectResponse;
import io.kumarun.proxy.config.RouteTableConfig.RouteAction.Forward;
import io.kumarun.proxy.config.RouteTableConfig.RouteAction.Redirect;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a route does (contract §3.1, §3.7). */
final class RouteActionTranslator {
  /** Envoy's own default for {@code route.timeout}. */
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(15);

  private RouteActionTranslator() {}

  static RouteTableConfig.RouteAction translate(Route source, FieldPath path) {
    return switch (source.getActionCase()) {
      case ROUTE -> forward(source.getRoute(), path.at("route"));
      case DIRECT_RESPONSE ->
          new DirectResponse(
              status(source.getDirectResponse().getStatus(), path.at("direct_response.status")),
              body(source.getDirectResponse().getBody(), path.at("direct_response.body")));
      case REDIRECT -> redirect(source.getRedirect(), path.at("redirect"));
      case FILTER_ACTION, NON_FORWARDING_ACTION, ACTION_NOT_SET ->
          throw path.rejected(source.getActionCase(), "route, direct_response or redirect");
    };
  }

  private static Forward forward(RouteAction source, FieldPath path) {
    path.refuse(source.hasMetadataMatch(), "metadata_match");
    return new Forward(
        cluster(source, path),
        source.hasTimeout()
            ? Values.duration(source.getTimeout(), path.at("timeout"))
            : DEFAULT_TIMEOUT,
        source.hasIdleTimeout()
            ? Values.duration(source.getIdleTimeout(), path.at("idle_timeout"))
            : null,
        source.getPrefixRewrite().isEmpty() ? null : source.getPrefixRewrite(),
        source.hasRegexRewrite() ? regex(source.getRegexRewrite(), path.at("regex_rewrite")) : null,
        hostRewrite(source, path));
  }

  private static @Nullable HostRewrite hostRewrite(RouteAction source, FieldPath path) {
    return switch (source.getHostRewriteSpecifierCase()) {
      case HOST_REWRITE_LITERAL -> new HostRewrite.Literal(source.getHostRewriteLiteral());
      case AUTO_HOST_REWRITE ->
          source.getAutoHostRewrite().getValue() ? new HostRewrite.EndpointName() : null;
      case HOST_REWRITE_PATH_REGEX -> {
        path.at("host_rewrite_path_regex").note("host_rewrite_path_regex is not applied");
        yield null;
      }
      case HOSTREWRITESPECIFIER_NOT_SET -> null;
      default ->
          throw path.rejected(
              source.getHostRewriteSpecifierCase(), "host_rewrite_literal or auto_host_rewrite");
    };
  }

  private static ClusterChoice cluster(RouteAction source, FieldPath path) {
    return switch (source.getClusterSpecifierCase()) {
      case CLUSTER -> new ClusterChoice.Single(source.getCluster());
      case WEIGHTED_CLUSTERS -> {
        FieldPath at = path.at("weighted_clusters");
        List<ClusterChoice.WeightedCluster> clusters = new ArrayList<>();
        for (WeightedCluster.ClusterWeight each : source.getWeightedClusters().getClustersList()) {
          clusters.add(weighted(each, at));
        }
        yield WeightedClusters.choice(clusters, at);
      }
      default ->
          throw path.rejected(source.getClusterSpecifierCase(), "cluster or weighted_clusters");
    };
  }

  private static ClusterChoice.WeightedCluster weighted(
      WeightedCluster.ClusterWeight source, FieldPath path) {
    path.refuse(source.getName().isEmpty(), "cluster_header");
    path.refuse(source.hasMetadataMatch(), "metadata_match");
    path.refuse(!source.getHostRewriteLiteral().isEmpty(), "host_rewrite_literal");
    HttpFilterTranslator.perRoute(source.getTypedPerFilterConfigMap(), path);
    return new ClusterChoice.WeightedCluster(
        source.getName(), source.hasWeight() ? Values.unsigned(source.getWeight().getValue()) : 0);
  }

  private static Redirect redirect(RedirectAction source, FieldPath path) {
    String scheme =
        switch (source.getSchemeRewriteSpecifierCase()) {
          case HTTPS_REDIRECT -> source.getHttpsRedirect() ? "https" : null;
          case SCHEME_REDIRECT -> source.getSchemeRedirect();
          case SCHEMEREWRITESPECIFIER_NOT_SET -> null;
        };
    return new Redirect(
        switch (source.getResponseCode()) {
          case MOVED_PERMANENTLY -> 301;
          case FOUND -> 302;
          case SEE_OTHER -> 303;
          case TEMPORARY_REDIRECT -> 307;
          case PERMANENT_REDIRECT -> 308;
          case UNRECOGNIZED ->
              throw path.at("response_code")
                  .rejected("is unknown, expected 301, 302, 303, 307, 308");
        },
        scheme,
        source.getHostRedirect().isEmpty() ? null : source.getHostRedirect(),
        Math.min(65535, Values.unsigned(source.getPortRedirect())),
        source.getPathRedirect().isEmpty() ? null : source.getPathRedirect(),
        source.getPrefixRewrite().isEmpty() ? null : source.getPrefixRewrite(),
        source.hasRegexRewrite() ? regex(source.getRegexRewrite(), path.at("regex_rewrite")) : null,
        source.getStripQuery());
  }

  private static RegexRewrite regex(RegexMatchAndSubstitute source, FieldPath path) {
    return new RegexRewrite(
        Values.regex(source.getPattern().getRegex(), path.at("pattern")), source.getSubstitution());
  }

  private static int status(int status, FieldPath path) {
    if (status < 200 || status > 599) {
      throw path.rejected(Integer.toUnsignedString(status), "200 to 599");
    }
    return status;
  }

  private static String body(DataSource source, FieldPath path) {
    return switch (source.getSpecifierCase()) {
      case INLINE_STRING -> source.getInlineString();
      case INLINE_BYTES -> source.getInlineBytes().toString(StandardCharsets.UTF_8);
      case SPECIFIER_NOT_SET -> "";
      case FILENAME, ENVIRONMENT_VARIABLE ->
          throw path.rejected(source.getSpecifierCase(), "an inline body");
    };
  }
}
