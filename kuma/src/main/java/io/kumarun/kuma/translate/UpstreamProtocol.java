package io.kumarun.kuma.translate;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.kumarun.proxy.config.ClusterConfig.Protocol;
import java.time.Duration;

/**
 * {@code HttpProtocolOptions} of a cluster: what is spoken, and how long connections live.
 *
 * @param idleTimeout zero: off
 * @param maxConnectionDuration zero: off
 * @param maxStreamDuration zero: off
 */
record UpstreamProtocol(
    Protocol protocol,
    Duration idleTimeout,
    Duration maxConnectionDuration,
    Duration maxStreamDuration) {
  private static final String KEY = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

  /** Envoy's own default, for both directions. */
  static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofHours(1);

  static UpstreamProtocol of(Cluster cluster, FieldPath path) {
    HttpProtocolOptions options = HttpProtocolOptions.getDefaultInstance();
    FieldPath at = path.at("typed_extension_protocol_options");
    for (var entry : cluster.getTypedExtensionProtocolOptionsMap().entrySet()) {
      if (entry.getKey().equals(KEY)) {
        options = at.unpack(entry.getValue(), HttpProtocolOptions.class);
      }
    }
    at.refuse(options.getHttpFiltersCount() > 0, "http_filters");
    var common = options.getCommonHttpProtocolOptions();
    FieldPath times = at.at("common_http_protocol_options");
    return new UpstreamProtocol(
        protocol(options, cluster, at),
        common.hasIdleTimeout()
            ? Values.duration(common.getIdleTimeout(), times.at("idle_timeout"))
            : DEFAULT_IDLE_TIMEOUT,
        Values.duration(common.getMaxConnectionDuration(), times.at("max_connection_duration")),
        Values.duration(common.getMaxStreamDuration(), times.at("max_stream_duration")));
  }

  private static Protocol protocol(HttpProtocolOptions options, Cluster cluster, FieldPath path) {
    return switch (options.getUpstreamProtocolOptionsCase()) {
      case EXPLICIT_HTTP_CONFIG ->
          switch (options.getExplicitHttpConfig().getProtocolConfigCase()) {
            case HTTP_PROTOCOL_OPTIONS, PROTOCOLCONFIG_NOT_SET -> Protocol.HTTP1;
            case HTTP2_PROTOCOL_OPTIONS -> Protocol.HTTP2;
            case HTTP3_PROTOCOL_OPTIONS -> throw path.rejected("HTTP/3", "HTTP/1.1 or HTTP/2");
          };
      case UPSTREAMPROTOCOLOPTIONS_NOT_SET -> legacyProtocol(cluster);
      case USE_DOWNSTREAM_PROTOCOL_CONFIG, AUTO_CONFIG ->
          throw path.rejected(options.getUpstreamProtocolOptionsCase(), "explicit_http_config");
    };
  }

  @SuppressWarnings("deprecation")
  private static Protocol legacyProtocol(Cluster cluster) {
    return cluster.hasHttp2ProtocolOptions() ? Protocol.HTTP2 : Protocol.HTTP1;
  }
}
