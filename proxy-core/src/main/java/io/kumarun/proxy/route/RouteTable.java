package io.kumarun.proxy.route;

import io.kumarun.proxy.config.RouteTableConfig;
import io.kumarun.proxy.config.RouteTableConfig.VirtualHost;
import io.kumarun.proxy.http.HeaderMap;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A compiled route configuration. The virtual host is chosen by authority in Envoy's order: exact
 * name, longest {@code *.suffix}, longest {@code prefix.*}, {@code *}
 * (config.route.v3.VirtualHost.domains); then the first matching route in list order. Immutable;
 * any thread.
 */
public final class RouteTable {
  private final Map<String, List<CompiledRoute>> exact = new HashMap<>();
  private final List<Wildcard> suffixes = new ArrayList<>();
  private final List<Wildcard> prefixes = new ArrayList<>();
  private @Nullable List<CompiledRoute> any;

  private RouteTable() {}

  /**
   * @throws IllegalArgumentException if a regular expression is not RE2
   */
  public static RouteTable compile(RouteTableConfig config) {
    RouteTable table = new RouteTable();
    HeaderEditor tableHeaders = HeaderEditor.of(config.requestHeaders());
    for (VirtualHost host : config.virtualHosts()) {
      List<CompiledRoute> routes =
          host.routes().stream().map(route -> new CompiledRoute(route, tableHeaders)).toList();
      for (String domain : host.domains()) {
        table.addDomain(domain.toLowerCase(Locale.ROOT), routes);
      }
    }
    table.suffixes.sort((a, b) -> b.text.length() - a.text.length());
    table.prefixes.sort((a, b) -> b.text.length() - a.text.length());
    return table;
  }

  private void addDomain(String domain, List<CompiledRoute> routes) {
    if (domain.equals("*")) {
      any = routes;
    } else if (domain.startsWith("*")) {
      suffixes.add(new Wildcard(domain.substring(1), routes));
    } else if (domain.endsWith("*")) {
      prefixes.add(new Wildcard(domain.substring(0, domain.length() - 1), routes));
    } else {
      exact.put(domain, routes);
    }
  }

  /** The first route that matches, or null. */
  public @Nullable CompiledRoute match(HeaderMap request) {
    List<CompiledRoute> routes = routesFor(request.authority());
    AsciiString path = request.path();
    if (routes == null || path == null) {
      return null;
    }
    AsciiString bare = withoutQuery(path);
    for (int i = 0; i < routes.size(); i++) {
      CompiledRoute route = routes.get(i);
      if (route.matches(bare, path, request)) {
        return route;
      }
    }
    return null;
  }

  /** The path up to its query or fragment; a view, nothing is copied. */
  public static AsciiString withoutQuery(AsciiString path) {
    for (int i = 0; i < path.length(); i++) {
      byte b = path.byteAt(i);
      if (b == '?' || b == '#') {
        return path.subSequence(0, i, false);
      }
    }
    return path;
  }

  private @Nullable List<CompiledRoute> routesFor(@Nullable AsciiString authority) {
    if (exact.isEmpty() && suffixes.isEmpty() && prefixes.isEmpty()) {
      return any;
    }
    if (authority == null) {
      return any;
    }
    String host = authority.toString().toLowerCase(Locale.ROOT);
    List<CompiledRoute> routes = exact.get(host);
    if (routes != null) {
      return routes;
    }
    for (Wildcard suffix : suffixes) {
      if (host.length() > suffix.text.length() && host.endsWith(suffix.text)) {
        return suffix.routes;
      }
    }
    for (Wildcard prefix : prefixes) {
      if (host.length() > prefix.text.length() && host.startsWith(prefix.text)) {
        return prefix.routes;
      }
    }
    return any;
  }

  private record Wildcard(String text, List<CompiledRoute> routes) {}
}
