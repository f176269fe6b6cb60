package io.kumarun.proxy.route;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.proxy.config.ClusterChoice;
import io.kumarun.proxy.config.RouteTableConfig;
import io.kumarun.proxy.config.RouteTableConfig.HeaderEdits;
import io.kumarun.proxy.config.RouteTableConfig.HeaderMatch;
import io.kumarun.proxy.config.RouteTableConfig.HeaderSet;
import io.kumarun.proxy.config.RouteTableConfig.PathMatch;
import io.kumarun.proxy.config.RouteTableConfig.QueryMatch;
import io.kumarun.proxy.config.RouteTableConfig.RegexRewrite;
import io.kumarun.proxy.config.RouteTableConfig.Route;
import io.kumarun.proxy.config.RouteTableConfig.RouteAction;
import io.kumarun.proxy.config.RouteTableConfig.RouteMatch;
import io.kumarun.proxy.config.RouteTableConfig.ValueMatch;
import io.kumarun.proxy.config.RouteTableConfig.VirtualHost;
import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HeaderNames;
import io.netty.util.AsciiString;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RouteTableTest {
  private static HeaderMap get(String authority, String path) {
    return new HeaderMap()
        .add(HeaderNames.METHOD, "GET")
        .add(HeaderNames.SCHEME, "http")
        .add(HeaderNames.AUTHORITY, authority)
        .add(HeaderNames.PATH, path);
  }

  private static Route route(String name, RouteMatch match) {
    return new Route(
        name,
        match,
        new RouteAction.Forward(new ClusterChoice.Single("backend"), Duration.ZERO, null, null),
        HeaderEdits.NONE,
        HeaderEdits.NONE);
  }

  private static Route route(String name, PathMatch path) {
    return route(name, new RouteMatch(path, List.of()));
  }

  private static RouteTable table(Route... routes) {
    return RouteTable.compile(
        new RouteTableConfig(
            "test",
            HeaderEdits.NONE,
            List.of(new VirtualHost("all", List.of("*"), List.of(routes)))));
  }

  private static @Nullable String match(RouteTable table, HeaderMap request) {
    CompiledRoute route = table.match(request);
    return route == null ? null : route.name();
  }

  @Test
  void theFirstRouteThatMatchesWins() {
    RouteTable table =
        table(
            route("exact", new PathMatch.Exact("/api")),
            route("prefix", new PathMatch.Prefix("/api/")),
            route("regex", new PathMatch.Regex("/v[0-9]+/.*")));

    assertThat(match(table, get("a", "/api"))).isEqualTo("exact");
    assertThat(match(table, get("a", "/api?x=1"))).isEqualTo("exact");
    assertThat(match(table, get("a", "/api/users"))).isEqualTo("prefix");
    assertThat(match(table, get("a", "/v12/users?x"))).isEqualTo("regex");
    assertThat(match(table, get("a", "/x/v12/users"))).isNull();
    assertThat(match(table, get("a", "/apis"))).isNull();
  }

  @Test
  void headersAreComparedAndMissingOnesMatchOnlyAbsent() {
    RouteTable exact = table(withHeader(new HeaderMatch("x-a", new ValueMatch.Exact("1"), false)));
    RouteTable not = table(withHeader(new HeaderMatch("x-a", new ValueMatch.Exact("1"), true)));
    RouteTable absent = table(withHeader(new HeaderMatch("x-a", new ValueMatch.Present(), true)));
    RouteTable regex =
        table(withHeader(new HeaderMatch("X-A", new ValueMatch.Regex("1,?2?"), false)));
    HeaderMap one = get("a", "/").add(AsciiString.of("x-a"), "1");
    HeaderMap both = get("a", "/").add(AsciiString.of("x-a"), "1").add(AsciiString.of("x-a"), "2");

    assertThat(match(exact, one)).isNotNull();
    assertThat(match(exact, both)).isNull();
    assertThat(match(exact, get("a", "/"))).isNull();
    assertThat(match(not, one)).isNull();
    assertThat(match(not, both)).isNotNull();
    assertThat(match(not, get("a", "/"))).isNull();
    assertThat(match(absent, get("a", "/"))).isNotNull();
    assertThat(match(absent, one)).isNull();
    assertThat(match(regex, both)).isNotNull();
  }

  private static Route withHeader(HeaderMatch header) {
    return route("header", new RouteMatch(new PathMatch.Prefix("/"), List.of(header)));
  }

  @Test
  void theFirstValueOfAQueryParameterIsCompared() {
    RouteTable table =
        table(
            route(
                "query",
                new RouteMatch(
                    new PathMatch.Prefix("/"),
                    List.of(),
                    List.of(new QueryMatch("v", new ValueMatch.Exact("2"))))));

    assertThat(match(table, get("a", "/?v=2"))).isNotNull();
    assertThat(match(table, get("a", "/?a&v=2&v=3"))).isNotNull();
    assertThat(match(table, get("a", "/?v=3&v=2"))).isNull();
    assertThat(match(table, get("a", "/?vv=2"))).isNull();
    assertThat(match(table, get("a", "/?v"))).isNull();
    assertThat(match(table, get("a", "/#?v=2"))).isNotNull();
    assertThat(match(table, get("a", "/v=2"))).isNull();
  }

  @Test
  void theVirtualHostIsTheMostSpecificDomain() {
    RouteTable table =
        RouteTable.compile(
            new RouteTableConfig(
                "test",
                HeaderEdits.NONE,
                List.of(
                    host("any", "*"),
                    host("suffix", "*.mesh"),
                    host("longer", "*.svc.mesh"),
                    host("prefix", "api.*"),
                    host("exact", "api.svc.mesh"))));

    assertThat(match(table, get("API.svc.mesh", "/"))).isEqualTo("exact");
    assertThat(match(table, get("x.svc.mesh", "/"))).isEqualTo("longer");
    assertThat(match(table, get("x.mesh", "/"))).isEqualTo("suffix");
    assertThat(match(table, get("api.com", "/"))).isEqualTo("prefix");
    assertThat(match(table, get("elsewhere", "/"))).isEqualTo("any");
  }

  private static VirtualHost host(String name, String domain) {
    return new VirtualHost(name, List.of(domain), List.of(route(name, new PathMatch.Prefix("/"))));
  }

  @Test
  void rewritesReplaceWhatWasMatchedAndKeepTheQuery() {
    assertThat(rewrite(new PathMatch.Prefix("/x/"), "/", null, "/x/y?z=/x/")).isEqualTo("/y?z=/x/");
    assertThat(rewrite(new PathMatch.Prefix("/x/"), "/v2", null, "/x/y")).isEqualTo("/v2y");
    assertThat(rewrite(new PathMatch.Exact("/x"), "/new", null, "/x?q")).isEqualTo("/new?q");
    assertThat(rewrite(new PathMatch.Prefix("/"), null, new RegexRewrite(".*", "/whole"), "/a/b?c"))
        .isEqualTo("/whole?c");
    assertThat(
            rewrite(
                new PathMatch.Prefix("/"),
                null,
                new RegexRewrite("^/service/([^/]+)(/.*)$", "\\2/instance/\\1$"),
                "/service/foo/v1/api"))
        .isEqualTo("/v1/api/instance/foo$");
  }

  private static String rewrite(
      PathMatch path, @Nullable String prefix, @Nullable RegexRewrite regex, String request) {
    Route route =
        new Route(
            "rewrite",
            new RouteMatch(path, List.of()),
            new RouteAction.Forward(
                new ClusterChoice.Single("backend"), Duration.ZERO, null, prefix, regex, null),
            HeaderEdits.NONE,
            HeaderEdits.NONE);
    CompiledRoute compiled = requireNonNull(table(route).match(get("a", request)));
    return requireNonNull(compiled.rewrite(AsciiString.of(request))).toString();
  }

  @Test
  void redirectsReplacePartsOfTheUrl() {
    assertThat(location(redirect("https", null, 0, null), "host:80", "/a?b"))
        .isEqualTo("https://host/a?b");
    assertThat(location(redirect(null, "other", 8080, null), "host:1", "/a"))
        .isEqualTo("http://other:8080/a");
    assertThat(location(redirect(null, null, 0, "/new"), "[::1]:80", "/a?b"))
        .isEqualTo("http://[::1]:80/new?b");
  }

  private static RouteAction.Redirect redirect(
      @Nullable String scheme, @Nullable String host, int port, @Nullable String path) {
    return new RouteAction.Redirect(302, scheme, host, port, path, null, null, false);
  }

  private static String location(RouteAction.Redirect action, String authority, String path) {
    Route route =
        new Route(
            "redirect",
            new RouteMatch(new PathMatch.Prefix("/"), List.of()),
            action,
            HeaderEdits.NONE,
            HeaderEdits.NONE);
    HeaderMap request = get(authority, path);
    return requireNonNull(table(route).match(request))
        .location(request, AsciiString.of(path))
        .toString();
  }

  @Test
  void headerEditsRemoveBeforeTheyAdd() {
    Route route =
        new Route(
            "edits",
            new RouteMatch(new PathMatch.Prefix("/"), List.of()),
            new RouteAction.DirectResponse(200, ""),
            new HeaderEdits(
                List.of(new HeaderSet("x-a", "new", true), new HeaderSet("x-b", "set", false)),
                List.of("x-a")),
            HeaderEdits.NONE);
    HeaderMap request =
        get("a", "/").add(AsciiString.of("x-a"), "old").add(AsciiString.of("x-b"), "old");

    requireNonNull(table(route).match(request)).requestHeaders().apply(request);

    assertThat(String.valueOf(request.get(AsciiString.of("x-a")))).isEqualTo("new");
    assertThat(String.valueOf(request.get(AsciiString.of("x-b")))).isEqualTo("set");
    assertThat(request.size()).isEqualTo(6);
  }
}
