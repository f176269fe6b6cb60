package io.kumarun.proxy.exchange;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HeaderNames;
import io.netty.util.AsciiString;

/**
 * What becomes of a request's head before any filter sees it, as in Envoy's
 * ConnectionManagerUtility::mutateRequestHeaders with {@code use_remote_address} unset.
 */
final class RequestHeaderRules {
  private static final AsciiString HTTP = AsciiString.cached("http");
  private static final AsciiString HTTPS = AsciiString.cached("https");

  /** Control headers that only internal requests may use; here nobody may (contract §3.18). */
  private static final AsciiString[] CONTROL_HEADERS = {
    AsciiString.cached("x-envoy-internal"),
    AsciiString.cached("x-envoy-retry-on"),
    AsciiString.cached("x-envoy-retry-grpc-on"),
    AsciiString.cached("x-envoy-max-retries"),
    AsciiString.cached("x-envoy-upstream-alt-stat-name"),
    AsciiString.cached("x-envoy-upstream-rq-timeout-ms"),
    AsciiString.cached("x-envoy-upstream-rq-per-try-timeout-ms"),
    AsciiString.cached("x-envoy-upstream-rq-timeout-alt-response"),
    AsciiString.cached("x-envoy-expected-rq-timeout-ms"),
    AsciiString.cached("x-envoy-force-trace"),
    AsciiString.cached("x-envoy-ip-tags"),
    AsciiString.cached("x-envoy-original-url"),
    AsciiString.cached("x-envoy-hedge-on-per-try-timeout"),
    AsciiString.cached("x-envoy-retriable-header-names"),
    AsciiString.cached("x-envoy-retriable-status-codes"),
  };

  private static final int X_ENVOY_LENGTH = "x-envoy-".length();

  private RequestHeaderRules() {}

  static void apply(HeaderMap headers, DownstreamConnection connection) {
    boolean controlled = false;
    for (int i = 0; i < headers.size(); i++) {
      AsciiString name = headers.name(i);
      if (name.length() > X_ENVOY_LENGTH && name.byteAt(0) == 'x' && name.byteAt(2) == 'e') {
        controlled = true;
        break;
      }
    }
    if (controlled) {
      for (AsciiString name : CONTROL_HEADERS) {
        headers.remove(name);
      }
    }
    AsciiString proto = headers.get(HeaderNames.X_FORWARDED_PROTO);
    if (proto == null) {
      proto = connection.peer().tls() ? HTTPS : HTTP;
      headers.add(HeaderNames.X_FORWARDED_PROTO, proto);
    }
    if (headers.scheme() == null) {
      AsciiString scheme = proto.contentEquals(HTTPS) ? HTTPS : HTTP;
      headers.addFirst(HeaderNames.SCHEME, scheme);
    }
    headers.remove(HeaderNames.X_FORWARDED_CLIENT_CERT);
    AsciiString clientCert = connection.forwardedClientCert();
    if (clientCert != null) {
      headers.add(HeaderNames.X_FORWARDED_CLIENT_CERT, clientCert);
    }
    AsciiString requestId = headers.get(HeaderNames.X_REQUEST_ID);
    if (requestId == null || requestId.isEmpty()) {
      headers.set(HeaderNames.X_REQUEST_ID, RequestIds.next());
    }
  }
}
