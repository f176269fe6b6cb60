package io.kumarun.kuma.translate;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.rbac.v3.Action;
import io.envoyproxy.envoy.extensions.common.matching.v3.ExtensionWithMatcher;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.http.lua.v3.Lua;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.matching.common_inputs.network.v3.ServerNameInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.ssl.v3.UriSanInput;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which fields of each message the translators read. What they read is applied, or it refuses its
 * resource, or a note says what became of it. Every other field is unapplied, unless it is ignored
 * on purpose; so is every message that is not in this table. A test compares the table with the
 * compiled translators.
 */
final class AppliedFields {
  /** Not among the messages that are compiled in. */
  static final String KAFKA_BROKER = "envoy.extensions.filters.network.kafka_broker.v3.KafkaBroker";

  /** Messages that may be set without being read, and why. */
  static final Map<String, String> IGNORED_TYPES =
      Map.of(
          KAFKA_BROKER,
          "statistics only",
          "envoy.extensions.filters.http.grpc_stats.v3.FilterConfig",
          "statistics only",
          "envoy.type.matcher.v3.FilterStateMatcher",
          "a note says what becomes of its route");

  private static final String TABLE =
      """
      envoy.config.cluster.v3.CircuitBreakers
        read thresholds
      envoy.config.cluster.v3.CircuitBreakers.Thresholds
        read priority max_connections max_pending_requests max_requests max_retries
        ignored track_remaining: statistics only
      envoy.config.cluster.v3.Cluster
        read transport_socket_matches name alt_stat_name type cluster_type eds_cluster_config
        read connect_timeout load_assignment circuit_breakers http2_protocol_options
        read typed_extension_protocol_options transport_socket filters upstream_config
      envoy.config.cluster.v3.Cluster.CustomClusterType
        read name
      envoy.config.cluster.v3.Cluster.EdsClusterConfig
        read eds_config service_name
      envoy.config.core.v3.Address
        read socket_address pipe
      envoy.config.core.v3.AggregatedConfigSource
      envoy.config.core.v3.CidrRange
        read address_prefix prefix_len
      envoy.config.core.v3.ConfigSource
        read ads
        ignored resource_api_version: V3 is the only one
      envoy.config.core.v3.DataSource
        read inline_bytes inline_string
      envoy.config.core.v3.HeaderValue
        read key value raw_value
      envoy.config.core.v3.HeaderValueOption
        read header append append_action
      envoy.config.core.v3.Http1ProtocolOptions
      envoy.config.core.v3.Http2ProtocolOptions
      envoy.config.core.v3.HttpProtocolOptions
        read idle_timeout max_connection_duration max_stream_duration
      envoy.config.core.v3.Locality
        read zone
      envoy.config.core.v3.Metadata
        read filter_metadata
      envoy.config.core.v3.Pipe
        read path
      envoy.config.core.v3.RuntimeFractionalPercent
        read default_value
        ignored runtime_key: there is no runtime to override it
      envoy.config.core.v3.SocketAddress
        read protocol address port_value
      envoy.config.core.v3.TransportSocket
        read name typed_config
      envoy.config.core.v3.TypedExtensionConfig
        read name typed_config
      envoy.config.endpoint.v3.ClusterLoadAssignment
        read cluster_name endpoints
      envoy.config.endpoint.v3.Endpoint
        read address
      envoy.config.endpoint.v3.LbEndpoint
        read endpoint endpoint_name health_status metadata load_balancing_weight
      envoy.config.endpoint.v3.LocalityLbEndpoints
        read locality lb_endpoints leds_cluster_locality_config priority
      envoy.config.listener.v3.Filter
        read name typed_config
      envoy.config.listener.v3.FilterChain
        read filter_chain_match filters transport_socket name
      envoy.config.listener.v3.FilterChainMatch
        read destination_port prefix_ranges address_suffix direct_source_prefix_ranges
        read source_type source_prefix_ranges source_ports server_names transport_protocol
        read application_protocols
      envoy.config.listener.v3.Listener
        read name address filter_chains filter_chain_matcher use_original_dst
        read default_filter_chain metadata deprecated_v1 listener_filters traffic_direction
        read bind_to_port
        ignored enable_reuse_port: how the socket is shared is decided here
        ignored stat_prefix: statistics only
      envoy.config.listener.v3.Listener.DeprecatedV1
        read bind_to_port
      envoy.config.listener.v3.ListenerFilter
        read name typed_config
      envoy.config.rbac.v3.Action
        read name action
      envoy.config.rbac.v3.Permission
        read and_rules or_rules any not_rule requested_server_name
      envoy.config.rbac.v3.Permission.Set
        read rules
      envoy.config.rbac.v3.Policy
        read permissions principals condition checked_condition
      envoy.config.rbac.v3.Principal
        read and_ids or_ids any authenticated not_id
      envoy.config.rbac.v3.Principal.Authenticated
        read principal_name
      envoy.config.rbac.v3.Principal.Set
        read ids
      envoy.config.rbac.v3.RBAC
        read action policies
      envoy.config.route.v3.DirectResponseAction
        read status body
      envoy.config.route.v3.HeaderMatcher
        read name exact_match safe_regex_match present_match prefix_match suffix_match
        read contains_match string_match invert_match treat_missing_header_as_empty
      envoy.config.route.v3.QueryParameterMatcher
        read name string_match present_match
      envoy.config.route.v3.RedirectAction
        read https_redirect scheme_redirect host_redirect port_redirect path_redirect
        read prefix_rewrite regex_rewrite response_code strip_query
      envoy.config.route.v3.Route
        read name match route redirect direct_response typed_per_filter_config
        read request_headers_to_add request_headers_to_remove response_headers_to_add
        read response_headers_to_remove
      envoy.config.route.v3.RouteAction
        read cluster weighted_clusters metadata_match prefix_rewrite regex_rewrite
        read host_rewrite_literal auto_host_rewrite timeout idle_timeout
        read host_rewrite_path_regex
      envoy.config.route.v3.RouteConfiguration
        read name virtual_hosts vhds response_headers_to_add response_headers_to_remove
        read request_headers_to_add request_headers_to_remove
        read most_specific_header_mutations_wins ignore_port_in_host_matching
        read ignore_path_parameters_in_path_matching typed_per_filter_config
        ignored max_direct_response_body_size_bytes: a body of any size is served
        ignored validate_clusters: a route may name a cluster that is not there
      envoy.config.route.v3.RouteMatch
        read prefix path safe_regex path_separated_prefix case_sensitive runtime_fraction
        read headers query_parameters grpc tls_context dynamic_metadata filter_state
      envoy.config.route.v3.VirtualHost
        read name domains routes matcher require_tls request_headers_to_add
        read request_headers_to_remove response_headers_to_add response_headers_to_remove
        read typed_per_filter_config
      envoy.config.route.v3.WeightedCluster
        read clusters
      envoy.config.route.v3.WeightedCluster.ClusterWeight
        read name weight metadata_match typed_per_filter_config host_rewrite_literal
      envoy.extensions.common.matching.v3.ExtensionWithMatcher
        read extension_config
      envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit
        ignored stat_prefix: statistics only
      envoy.extensions.filters.http.lua.v3.Lua
        read source_codes default_source_code
      envoy.extensions.filters.http.rbac.v3.RBAC
        read rules matcher shadow_rules shadow_matcher
        ignored rules_stat_prefix: statistics only
        ignored shadow_rules_stat_prefix: statistics only
      envoy.extensions.filters.http.router.v3.Router
      envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector
      envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
        read codec_type stat_prefix route_config http_filters common_http_protocol_options
        read stream_idle_timeout request_headers_timeout original_ip_detection_extensions
        read early_header_mutation_extensions internal_address_config
        read forward_client_cert_details set_current_client_cert_details normalize_path
        read path_with_escaped_slashes_action path_normalization_options
        read typed_header_validation_config
      envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.InternalAddressConfig
        read cidr_ranges
      envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.SetCurrentClientCertDetails
        read uri
      envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter
        read name typed_config is_optional disabled
      envoy.extensions.filters.network.rbac.v3.RBAC
        read rules matcher shadow_rules shadow_matcher
        ignored stat_prefix: statistics only
        ignored shadow_rules_stat_prefix: statistics only
      envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
        read stat_prefix cluster weighted_clusters on_demand metadata_match idle_timeout
        read max_connect_attempts tunneling_config
      envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster
        read clusters
      envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster.ClusterWeight
        read name weight metadata_match
      envoy.extensions.matching.common_inputs.network.v3.ServerNameInput
      envoy.extensions.matching.common_inputs.ssl.v3.UriSanInput
      envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer
      envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext
        read trusted_ca ca_certificate_provider_instance system_root_certs watched_directory
        read verify_certificate_spki verify_certificate_hash match_typed_subject_alt_names
        read match_subject_alt_names require_signed_certificate_timestamp crl
        read allow_expired_certificate trust_chain_verification custom_validator_config
        read max_verify_depth
      envoy.extensions.transport_sockets.tls.v3.CommonTlsContext
        read tls_params tls_certificates tls_certificate_sds_secret_configs
        read tls_certificate_provider_instance custom_tls_certificate_selector
        read validation_context validation_context_sds_secret_config
        read combined_validation_context alpn_protocols custom_handshaker
      envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext
        read default_validation_context validation_context_sds_secret_config
      envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
        read common_tls_context require_client_certificate require_sni
      envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig
        read trust_domains trust_bundles
      envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig.TrustDomain
        read name trust_bundle
      envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig
        read name sds_config
      envoy.extensions.transport_sockets.tls.v3.Secret
        read name tls_certificate validation_context
      envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher
        read san_type matcher
      envoy.extensions.transport_sockets.tls.v3.TlsCertificate
        read certificate_chain private_key pkcs12 private_key_provider password
      envoy.extensions.transport_sockets.tls.v3.TlsParameters
        read tls_minimum_protocol_version tls_maximum_protocol_version cipher_suites
        read compliance_policies
      envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
        read common_tls_context sni auto_host_sni auto_sni_san_validation
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        read common_http_protocol_options explicit_http_config http_filters
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig
        read http_protocol_options http2_protocol_options
      envoy.type.matcher.v3.RegexMatchAndSubstitute
        read pattern substitution
      envoy.type.matcher.v3.RegexMatcher
        read regex
      envoy.type.matcher.v3.StringMatcher
        read exact prefix suffix safe_regex contains ignore_case
      envoy.type.v3.FractionalPercent
        read numerator denominator
      xds.core.v3.TypedExtensionConfig
        read name typed_config
      xds.type.matcher.v3.Matcher
        read matcher_list on_no_match
      xds.type.matcher.v3.Matcher.MatcherList
        read matchers
      xds.type.matcher.v3.Matcher.MatcherList.FieldMatcher
        read predicate on_match
      xds.type.matcher.v3.Matcher.MatcherList.Predicate
        read single_predicate or_matcher and_matcher not_matcher
      xds.type.matcher.v3.Matcher.MatcherList.Predicate.PredicateList
        read predicate
      xds.type.matcher.v3.Matcher.MatcherList.Predicate.SinglePredicate
        read input value_match custom_match
      xds.type.matcher.v3.Matcher.OnMatch
        read action
      xds.type.matcher.v3.RegexMatcher
        read regex
      xds.type.matcher.v3.StringMatcher
        read exact prefix suffix safe_regex contains ignore_case
      """;

  /** What may be in an Any. */
  private static final List<Message> UNPACKED =
      List.of(
          Action.getDefaultInstance(),
          Cluster.getDefaultInstance(),
          ClusterLoadAssignment.getDefaultInstance(),
          DownstreamTlsContext.getDefaultInstance(),
          ExtensionWithMatcher.getDefaultInstance(),
          HttpConnectionManager.getDefaultInstance(),
          HttpProtocolOptions.getDefaultInstance(),
          Listener.getDefaultInstance(),
          LocalRateLimit.getDefaultInstance(),
          Lua.getDefaultInstance(),
          RBAC.getDefaultInstance(),
          io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC.getDefaultInstance(),
          RawBuffer.getDefaultInstance(),
          Router.getDefaultInstance(),
          SPIFFECertValidatorConfig.getDefaultInstance(),
          Secret.getDefaultInstance(),
          ServerNameInput.getDefaultInstance(),
          TcpProxy.getDefaultInstance(),
          TlsInspector.getDefaultInstance(),
          UpstreamTlsContext.getDefaultInstance(),
          UriSanInput.getDefaultInstance());

  /**
   * @param ignored the reason by the name of the field
   * @param prototype null: never in an Any
   */
  record Reading(Set<String> read, Map<String, String> ignored, @Nullable Message prototype) {}

  static final Map<String, Reading> READINGS = readings();

  private AppliedFields() {}

  private static Map<String, Reading> readings() {
    Map<String, Message> prototypes = new HashMap<>();
    for (Message message : UNPACKED) {
      prototypes.put(message.getDescriptorForType().getFullName(), message);
    }
    Map<String, Reading> readings = new HashMap<>();
    Reading current = null;
    for (String line : TABLE.lines().toList()) {
      if (!line.startsWith(" ")) {
        current = new Reading(new HashSet<>(), new HashMap<>(), prototypes.get(line));
        readings.put(line, current);
      } else if (current != null && line.startsWith("  read ")) {
        current.read().addAll(List.of(line.substring(7).split(" ")));
      } else if (current != null) {
        int colon = line.indexOf(": ");
        current.ignored().put(line.substring("  ignored ".length(), colon), line.substring(colon));
      }
    }
    return readings;
  }
}
