package io.kumarun.kuma.translate;

import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.CodecType;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.PathWithEscapedSlashesAction;
import io.kumarun.proxy.config.HttpConnectionConfig;
import io.kumarun.proxy.config.HttpConnectionConfig.ForwardClientCert;
import io.kumarun.proxy.config.RouteTableConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** {@code envoy.filters.network.http_connection_manager} (contract §3.0). */
final class HttpConnectionTranslator {
  /** Envoy's own default. */
  private static final Duration DEFAULT_STREAM_IDLE_TIMEOUT = Duration.ofMinutes(5);

  private HttpConnectionTranslator() {}

  static HttpConnectionConfig translate(HttpConnectionManager source, FieldPath path) {
    refusals(source, path);
    var common = source.getCommonHttpProtocolOptions();
    return new HttpConnectionConfig(
        source.getStatPrefix(),
        forwardClientCert(source, path),
        source.hasStreamIdleTimeout()
            ? Values.duration(source.getStreamIdleTimeout(), path.at("stream_idle_timeout"))
            : DEFAULT_STREAM_IDLE_TIMEOUT,
        Values.duration(source.getRequestHeadersTimeout(), path.at("request_headers_timeout")),
        common.hasIdleTimeout()
            ? Values.duration(
                common.getIdleTimeout(), path.at("common_http_protocol_options.idle_timeout"))
            : UpstreamProtocol.DEFAULT_IDLE_TIMEOUT,
        source.getNormalizePath().getValue(),
        internalAddresses(source),
        HttpFilterTranslator.translate(source.getHttpFiltersList(), path),
        routes(source, path));
  }

  private static RouteTableConfig routes(HttpConnectionManager source, FieldPath path) {
    return switch (source.getRouteSpecifierCase()) {
      case ROUTE_CONFIG ->
          RouteTableTranslator.translate(source.getRouteConfig(), path.at("route_config"));
      case RDS, SCOPED_ROUTES, ROUTESPECIFIER_NOT_SET ->
          throw path.rejected(source.getRouteSpecifierCase(), "an inline route_config");
    };
  }

  private static ForwardClientCert forwardClientCert(HttpConnectionManager source, FieldPath path) {
    return switch (source.getForwardClientCertDetails()) {
      case SANITIZE -> ForwardClientCert.SANITIZE;
      case SANITIZE_SET -> {
        var details = source.getSetCurrentClientCertDetails();
        if (!details.getUri()) {
          path.at("set_current_client_cert_details").note("the URI is always among the details");
        }
        yield ForwardClientCert.SANITIZE_SET_URI;
      }
      case FORWARD_ONLY, APPEND_FORWARD, ALWAYS_FORWARD_ONLY, UNRECOGNIZED ->
          throw path.at("forward_client_cert_details")
              .rejected(source.getForwardClientCertDetails(), "SANITIZE or SANITIZE_SET");
    };
  }

  private static List<String> internalAddresses(HttpConnectionManager source) {
    List<String> blocks = new ArrayList<>();
    for (CidrRange range : source.getInternalAddressConfig().getCidrRangesList()) {
      blocks.add(range.getAddressPrefix() + "/" + range.getPrefixLen().getValue());
    }
    return blocks;
  }

  private static void refusals(HttpConnectionManager source, FieldPath path) {
    CodecType codec = source.getCodecType();
    if (codec == CodecType.HTTP3 || codec == CodecType.UNRECOGNIZED) {
      throw path.at("codec_type").rejected(codec, "AUTO, HTTP1 or HTTP2");
    }
    PathWithEscapedSlashesAction slashes = source.getPathWithEscapedSlashesAction();
    path.refuse(
        slashes != PathWithEscapedSlashesAction.IMPLEMENTATION_SPECIFIC_DEFAULT
            && slashes != PathWithEscapedSlashesAction.KEEP_UNCHANGED,
        "path_with_escaped_slashes_action");
    path.refuse(source.hasTypedHeaderValidationConfig(), "typed_header_validation_config");
    path.refuse(
        source.getEarlyHeaderMutationExtensionsCount() > 0, "early_header_mutation_extensions");
    path.refuse(
        source.getOriginalIpDetectionExtensionsCount() > 0, "original_ip_detection_extensions");
    path.refuse(source.hasPathNormalizationOptions(), "path_normalization_options");
  }
}
