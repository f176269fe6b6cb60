package io.kumarun.kuma.translate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.config.trace.v3.Tracing;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatchAndSubstitute;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.kumarun.proxy.config.HttpConnectionConfig;
import io.kumarun.proxy.config.HttpConnectionConfig.HttpFilterConfig;
import io.kumarun.proxy.config.RouteTableConfig.HeaderMatch;
import io.kumarun.proxy.config.RouteTableConfig.ValueMatch;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * What only the policies of Kuma up to 2.14 bring (contract §6.5): understood or listed. And
 * unknown extensions: listed where they only watch, refused where they decide.
 */
@SuppressWarnings("deprecation")
class LegacyFieldsTest {
  @Test
  void headersByPrefixAndExpressionAreUnderstood() {
    Route.Builder route =
        route()
            .setMatch(
                RouteMatch.newBuilder()
                    .setPrefix("/")
                    .addHeaders(HeaderMatcher.newBuilder().setName("x-a").setPrefixMatch("v1"))
                    .addHeaders(
                        HeaderMatcher.newBuilder()
                            .setName("x-kuma-tags")
                            .setSafeRegexMatch(
                                RegexMatcher.newBuilder().setRegex(".*&a=[^&]*b.*"))));

    HttpConnectionConfig http = served(http(route));

    assertThat(http.routes().virtualHosts().getFirst().routes().getFirst().match().headers())
        .containsExactly(
            new HeaderMatch("x-a", new ValueMatch.Prefix("v1"), false),
            new HeaderMatch("x-kuma-tags", new ValueMatch.Regex(".*&a=[^&]*b.*"), false));
    assertThat(features(http(route))).isEmpty();
  }

  @Test
  void permissionsByRulesAreUnderstood() {
    RBAC rbac =
        RBAC.newBuilder()
            .setRules(
                io.envoyproxy
                    .envoy
                    .config
                    .rbac
                    .v3
                    .RBAC
                    .newBuilder()
                    .putPolicies(
                        "allow",
                        Policy.newBuilder()
                            .addPermissions(Permission.newBuilder().setAny(true))
                            .addPrincipals(Principal.newBuilder().setAny(true))
                            .build()))
            .build();

    assertThat(served(http(route(), rbac)).filters())
        .hasOnlyElementsOfType(HttpFilterConfig.Rbac.class);
    assertThat(features(http(route(), rbac))).isEmpty();
  }

  @Test
  void hostsFromPathsLimitsOfRoutesAndFaultsWithoutMatcherAreListed() {
    Route.Builder route =
        route()
            .putTypedPerFilterConfig(
                "envoy.filters.http.local_ratelimit",
                Any.pack(
                    LocalRateLimit.newBuilder()
                        .setTokenBucket(
                            io.envoyproxy.envoy.type.v3.TokenBucket.newBuilder().setMaxTokens(1))
                        .build()));
    route
        .getRouteBuilder()
        .setHostRewritePathRegex(
            RegexMatchAndSubstitute.newBuilder()
                .setPattern(RegexMatcher.newBuilder().setRegex("^/(.+)/.+$"))
                .setSubstitution("\\1"));

    assertThat(features(http(route, HTTPFault.getDefaultInstance())))
        .containsExactlyInAnyOrder(
            "host_rewrite_path_regex is not applied",
            "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit.token_bucket",
            "envoy.extensions.filters.http.fault.v3.HTTPFault");
  }

  @Test
  void accessLogsAndTracersAreListedWhateverTheyAre() {
    Any unknown = Any.newBuilder().setTypeUrl("type.googleapis.com/example.v1.Unknown").build();
    HttpConnectionManager.Builder http =
        http(route())
            .addAccessLog(
                AccessLog.newBuilder()
                    .setTypedConfig(
                        Any.pack(FileAccessLog.newBuilder().setFormat("%START_TIME%").build())))
            .addAccessLog(AccessLog.newBuilder().setTypedConfig(unknown))
            .setTracing(
                HttpConnectionManager.Tracing.newBuilder()
                    .setProvider(Tracing.Http.newBuilder().setTypedConfig(unknown)));

    String type =
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.";
    assertThat(features(http)).containsExactlyInAnyOrder(type + "access_log", type + "tracing");
  }

  @Test
  void subsetsAndUnknownBalancersAreListedAndUnknownTransportIsRefused() {
    Cluster cluster =
        Cluster.newBuilder()
            .setName("c")
            .setType(Cluster.DiscoveryType.STATIC)
            .setLbPolicyValue(4711)
            .setLbSubsetConfig(Cluster.LbSubsetConfig.newBuilder().setPanicModeAny(true))
            .build();

    assertThat(features(ResourceKind.CLUSTER, "c", cluster))
        .containsExactlyInAnyOrder(
            "envoy.config.cluster.v3.Cluster.lb_policy",
            "envoy.config.cluster.v3.Cluster.lb_subset_config");
    assertThatThrownBy(
            () ->
                ResourceKind.CLUSTER.translate(
                    "c",
                    Any.pack(
                        cluster.toBuilder()
                            .setTransportSocket(TransportSocket.newBuilder().setName("alts"))
                            .build())))
        .isInstanceOf(ResourceRejectedException.class)
        .hasMessageContaining("cluster c: transport_socket: \"alts (none)\" is not served");
  }

  private static HttpConnectionConfig served(HttpConnectionManager.Builder http) {
    Translated listener = ResourceKind.LISTENER.translate("l", Any.pack(listener(http)));
    return (HttpConnectionConfig)
        Objects.requireNonNull(((TranslatedListener) listener).resolve(new SecretLookup(Map.of())))
            .filterChains()
            .getFirst()
            .terminal();
  }

  private static List<String> features(HttpConnectionManager.Builder http) {
    return features(ResourceKind.LISTENER, "l", listener(http));
  }

  private static List<String> features(ResourceKind kind, String name, Message resource) {
    Any any = Any.pack(resource);
    return kind.unapplied(any, kind.translate(name, any)).stream().map(Note::feature).toList();
  }

  private static Route.Builder route() {
    return Route.newBuilder()
        .setMatch(RouteMatch.newBuilder().setPrefix("/"))
        .setRoute(RouteAction.newBuilder().setCluster("c"));
  }

  private static HttpConnectionManager.Builder http(Route.Builder route, Message... filters) {
    HttpConnectionManager.Builder http =
        HttpConnectionManager.newBuilder()
            .setRouteConfig(
                RouteConfiguration.newBuilder()
                    .addVirtualHosts(
                        VirtualHost.newBuilder().setName("h").addDomains("*").addRoutes(route)));
    for (Message filter : filters) {
      http.addHttpFilters(HttpFilter.newBuilder().setName("f").setTypedConfig(Any.pack(filter)));
    }
    return http.addHttpFilters(
        HttpFilter.newBuilder()
            .setName("router")
            .setTypedConfig(Any.pack(Router.getDefaultInstance())));
  }

  private static Listener listener(HttpConnectionManager.Builder http) {
    return Listener.newBuilder()
        .setName("l")
        .setAddress(
            Address.newBuilder()
                .setSocketAddress(
                    SocketAddress.newBuilder().setAddress("127.0.0.1").setPortValue(80)))
        .addFilterChains(
            FilterChain.newBuilder()
                .addFilters(
                    Filter.newBuilder().setName("http").setTypedConfig(Any.pack(http.build()))))
        .build();
  }
}
