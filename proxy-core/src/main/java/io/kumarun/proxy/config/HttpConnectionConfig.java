package io.kumarun.proxy.config;

import java.time.Duration;
import java.util.List;

/**
 * Envoy's HTTP connection manager.
 *
 * @param statPrefix names this connection manager in metrics
 * @param forwardClientCert what becomes of {@code x-forwarded-client-cert}
 * @param streamIdleTimeout zero: off; a route may override it
 * @param requestHeadersTimeout zero: off
 * @param connectionIdleTimeout zero: off
 * @param normalizePath RFC 3986 normalisation of the path before routing
 * @param internalAddresses CIDR blocks whose single {@code x-forwarded-for} makes a request
 *     internal
 * @param filters in order; the router is implied as the last
 */
public record HttpConnectionConfig(
    String statPrefix,
    ForwardClientCert forwardClientCert,
    Duration streamIdleTimeout,
    Duration requestHeadersTimeout,
    Duration connectionIdleTimeout,
    boolean normalizePath,
    List<String> internalAddresses,
    List<HttpFilterConfig> filters,
    RouteTableConfig routes)
    implements FilterChainConfig.TerminalConfig {

  /** Envoy's {@code forward_client_cert_details}, with {@code set_current_client_cert_details}. */
  public enum ForwardClientCert {
    /** Remove what the peer sent. */
    SANITIZE,
    /** Remove what the peer sent, and say who it is: {@code By}, {@code Hash}, {@code URI}. */
    SANITIZE_SET_URI
  }

  public HttpConnectionConfig {
    internalAddresses = List.copyOf(internalAddresses);
    filters = List.copyOf(filters);
  }

  /** A filter of the HTTP chain. */
  public sealed interface HttpFilterConfig {

    /** MeshTrafficPermission on HTTP: 403 for a peer that is not allowed. */
    record Rbac(PermissionConfig permission) implements HttpFilterConfig {}
  }
}
