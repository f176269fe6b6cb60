package io.kumarun.proxy.exchange;

import io.kumarun.proxy.config.HttpConnectionConfig;
import io.kumarun.proxy.config.HttpConnectionConfig.ForwardClientCert;
import io.kumarun.proxy.config.HttpConnectionConfig.HttpFilterConfig;
import io.kumarun.proxy.filter.HttpFilterFactory;
import io.kumarun.proxy.filter.PermissionFilter;
import io.kumarun.proxy.route.RouteTable;
import io.kumarun.telemetry.HttpMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A compiled HTTP connection manager. Immutable; any thread. */
public final class HttpChain {
  private final HttpConnectionConfig config;
  private final RouteTable routes;
  private final List<HttpFilterFactory> filters;
  private final HttpMetrics metrics;
  private final long headTimeoutNanos;

  private HttpChain(
      HttpConnectionConfig config,
      RouteTable routes,
      List<HttpFilterFactory> filters,
      HttpMetrics metrics) {
    this.config = config;
    this.routes = routes;
    this.filters = filters;
    this.metrics = metrics;
    // What is longer than the clock is long enough.
    this.headTimeoutNanos = TimeUnit.NANOSECONDS.convert(config.requestHeadersTimeout());
  }

  /**
   * @throws IllegalArgumentException if a regular expression is not RE2
   */
  public static HttpChain compile(HttpConnectionConfig config, HttpMetrics metrics) {
    List<HttpFilterFactory> filters = new ArrayList<>();
    for (HttpFilterConfig filter : config.filters()) {
      filters.add(
          switch (filter) {
            case HttpFilterConfig.Rbac(var permission) ->
                new PermissionFilter(permission, metrics, config.statPrefix());
          });
    }
    return new HttpChain(
        config, RouteTable.compile(config.routes()), List.copyOf(filters), metrics);
  }

  public HttpConnectionConfig config() {
    return config;
  }

  long headTimeoutNanos() {
    return headTimeoutNanos;
  }

  RouteTable routes() {
    return routes;
  }

  List<HttpFilterFactory> filters() {
    return filters;
  }

  public HttpMetrics metrics() {
    return metrics;
  }

  boolean tellsClientCertificate() {
    return config.forwardClientCert() == ForwardClientCert.SANITIZE_SET_URI;
  }
}
