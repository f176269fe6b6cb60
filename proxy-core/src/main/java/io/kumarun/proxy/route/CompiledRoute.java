package io.kumarun.proxy.route;

import io.kumarun.proxy.config.RouteTableConfig.Route;
import io.kumarun.proxy.config.RouteTableConfig.RouteAction;
import io.kumarun.proxy.http.HeaderMap;
import io.netty.util.AsciiString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A route with everything prepared for matching. Immutable; any thread. */
public final class CompiledRoute {
  private final Route config;
  private final PathMatcher path;
  private final List<HeaderMatcher> headers;
  private final List<QueryMatcher> query;
  private final @Nullable PathRewriter rewriter;
  private final @Nullable RedirectLocation redirect;
  private final @Nullable AsciiString expectedTimeout;
  private final HeaderEditor requestHeaders;
  private final HeaderEditor responseHeaders;

  CompiledRoute(Route config, HeaderEditor tableRequestHeaders) {
    this.config = config;
    this.path = PathMatcher.compile(config.match().path());
    this.headers = config.match().headers().stream().map(HeaderMatcher::compile).toList();
    this.query = config.match().query().stream().map(QueryMatcher::compile).toList();
    this.rewriter =
        config.action() instanceof RouteAction.Forward forward
            ? PathRewriter.of(forward.prefixRewrite(), forward.regexRewrite())
            : null;
    this.redirect =
        config.action() instanceof RouteAction.Redirect action
            ? new RedirectLocation(action)
            : null;
    this.expectedTimeout =
        config.action() instanceof RouteAction.Forward forward && !forward.timeout().isZero()
            ? new AsciiString(Long.toString(forward.timeout().toMillis()))
            : null;
    this.requestHeaders = HeaderEditor.of(config.requestHeaders()).then(tableRequestHeaders);
    this.responseHeaders = HeaderEditor.of(config.responseHeaders());
  }

  boolean matches(AsciiString pathWithoutQuery, AsciiString wholePath, HeaderMap request) {
    if (!path.matches(pathWithoutQuery)) {
      return false;
    }
    for (int i = 0; i < headers.size(); i++) {
      if (!headers.get(i).matches(request)) {
        return false;
      }
    }
    for (int i = 0; i < query.size(); i++) {
      if (!query.get(i).matches(wholePath)) {
        return false;
      }
    }
    return true;
  }

  public String name() {
    return config.name();
  }

  public RouteAction action() {
    return config.action();
  }

  /**
   * What the upstream gets for this path.
   *
   * @return null: the path as it is
   */
  public @Nullable AsciiString rewrite(AsciiString wholePath) {
    return rewriter == null ? null : rewriter.rewrite(wholePath, matchedLength(wholePath));
  }

  /**
   * Where a redirect points.
   *
   * @throws IllegalStateException if the route's action is another
   */
  public AsciiString location(HeaderMap request, AsciiString wholePath) {
    if (redirect == null) {
      throw new IllegalStateException("route " + name() + " is no redirect");
    }
    return redirect.of(request, wholePath, matchedLength(wholePath));
  }

  private int matchedLength(AsciiString wholePath) {
    return path.matchedLength(RouteTable.withoutQuery(wholePath));
  }

  /** The route's time-out in milliseconds, as the upstream is told it; null: none. */
  public @Nullable AsciiString expectedTimeout() {
    return expectedTimeout;
  }

  /** Edits of this route and of its table, in Envoy's order: the most specific first. */
  public HeaderEditor requestHeaders() {
    return requestHeaders;
  }

  public HeaderEditor responseHeaders() {
    return responseHeaders;
  }
}
