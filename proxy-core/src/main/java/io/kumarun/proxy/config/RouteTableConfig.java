package io.kumarun.proxy.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A route configuration: virtual hosts, each with its routes in matching order. */
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
   */
  public record RouteMatch(PathMatch path, List<HeaderMatch> headers) {
    public RouteMatch {
      headers = List.copyOf(headers);
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
   * @param invert the header must not match
   */
  public record HeaderMatch(String name, ValueMatch value, boolean invert) {}

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
     */
    record Forward(
        ClusterChoice cluster,
        Duration timeout,
        @Nullable Duration idleTimeout,
        @Nullable String prefixRewrite)
        implements RouteAction {}

    record DirectResponse(int status, String body) implements RouteAction {}
  }

  /** Headers set, added and removed. Names are lower case. */
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
