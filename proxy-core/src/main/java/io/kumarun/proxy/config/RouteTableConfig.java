package io.kumarun.proxy.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A route configuration: virtual hosts, each with its routes in matching order.
 *
 * @param requestHeaders done after a route's own edits; empty where the translation has merged it
 *     into the routes
 */
public record RouteTableConfig(
    String name, HeaderEdits requestHeaders, List<VirtualHost> virtualHosts) {
  public RouteTableConfig {
    virtualHosts = List.copyOf(virtualHosts);
  }

  /**
   * @param domains exact, {@code *.suffix}, {@code prefix.*} or {@code *}
   */
  public record VirtualHost(String name, List<String> domains, List<Route> routes) {
    public VirtualHost {
      domains = List.copyOf(domains);
      routes = List.copyOf(routes);
    }
  }

  /** First match in list order wins. */
  public record Route(
      String name,
      RouteMatch match,
      RouteAction action,
      HeaderEdits requestHeaders,
      HeaderEdits responseHeaders) {}

  /**
   * @param headers all must hold
   * @param query all must hold
   */
  public record RouteMatch(PathMatch path, List<HeaderMatch> headers, List<QueryMatch> query) {
    public RouteMatch {
      headers = List.copyOf(headers);
      query = List.copyOf(query);
    }

    public RouteMatch(PathMatch path, List<HeaderMatch> headers) {
      this(path, headers, List.of());
    }
  }

  /** Compared with the path without its query. */
  public sealed interface PathMatch {
    record Prefix(String prefix) implements PathMatch {}

    record Exact(String path) implements PathMatch {}

    /** RE2, the whole path. */
    record Regex(String regex) implements PathMatch {}
  }

  /**
   * A header that is missing matches nothing, inverted or not, but an inverted {@code Present}.
   *
   * @param invert the header must not match
   */
  public record HeaderMatch(String name, ValueMatch value, boolean invert) {}

  /** The first value of a query parameter, percent-encoding untouched as in Envoy. */
  public record QueryMatch(String name, ValueMatch value) {}

  /** How a value is compared. */
  public sealed interface ValueMatch {
    record Exact(String value) implements ValueMatch {}

    record Prefix(String prefix) implements ValueMatch {}

    /** RE2, the whole value. */
    record Regex(String regex) implements ValueMatch {}

    record Present() implements ValueMatch {}
  }

  /** What a route does. */
  public sealed interface RouteAction {

    /**
     * @param timeout zero: off (Envoy's default, 15 s, is set by the translation)
     * @param idleTimeout null: the connection manager's
     * @param prefixRewrite replaces the matched prefix or path; null: none
     * @param regexRewrite never together with {@code prefixRewrite}; null: none
     * @param hostRewrite what becomes of {@code :authority}; null: untouched
     */
    record Forward(
        ClusterChoice cluster,
        Duration timeout,
        @Nullable Duration idleTimeout,
        @Nullable String prefixRewrite,
        @Nullable RegexRewrite regexRewrite,
        @Nullable HostRewrite hostRewrite)
        implements RouteAction {
      public Forward(
          ClusterChoice cluster,
          Duration timeout,
          @Nullable Duration idleTimeout,
          @Nullable String prefixRewrite) {
        this(cluster, timeout, idleTimeout, prefixRewrite, null, null);
      }
    }

    record DirectResponse(int status, String body) implements RouteAction {}

    /**
     * Envoy's RedirectAction: {@code location} is the request's own URL with these parts replaced.
     *
     * @param status 301, 302, 303, 307 or 308
     * @param scheme null: the request's; a default port of the old scheme is dropped
     * @param host null: the request's
     * @param port 0: the request's
     * @param path the whole path (with its own query, if it has one); null: none
     * @param prefixRewrite replaces the matched prefix or path; null: none
     * @param regexRewrite on the path; null: none
     */
    record Redirect(
        int status,
        @Nullable String scheme,
        @Nullable String host,
        int port,
        @Nullable String path,
        @Nullable String prefixRewrite,
        @Nullable RegexRewrite regexRewrite,
        boolean stripQuery)
        implements RouteAction {}
  }

  /**
   * Every match in the path (without its query) is replaced.
   *
   * @param regex RE2
   * @param substitution with {@code \1} for the first group, {@code \0} for the whole match
   */
  public record RegexRewrite(String regex, String substitution) {}

  /** What becomes of {@code :authority} on its way to the upstream. */
  public sealed interface HostRewrite {
    record Literal(String host) implements HostRewrite {}

    /** The name of the endpoint that was picked, where its cluster resolves names. */
    record EndpointName() implements HostRewrite {}
  }

  /** Headers to change: first the removals, then the sets in order. Names are lower case. */
  public record HeaderEdits(List<HeaderSet> set, List<String> remove) {
    public static final HeaderEdits NONE = new HeaderEdits(List.of(), List.of());

    public HeaderEdits {
      set = List.copyOf(set);
      remove = List.copyOf(remove);
    }

    public boolean isEmpty() {
      return set.isEmpty() && remove.isEmpty();
    }
  }

  /**
   * @param append add beside what is there, instead of replacing it
   */
  public record HeaderSet(String name, String value, boolean append) {}
}
