package io.kumarun.devmesh.scenario;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.rbac.v3.Action;
import io.envoyproxy.envoy.config.trace.v3.DatadogConfig;
import io.envoyproxy.envoy.config.trace.v3.OpenTelemetryConfig;
import io.envoyproxy.envoy.config.trace.v3.ZipkinConfig;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.envoyproxy.envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig;
import io.envoyproxy.envoy.extensions.common.matching.v3.ExtensionWithMatcher;
import io.envoyproxy.envoy.extensions.filters.common.matcher.action.v3.SkipFilter;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.envoyproxy.envoy.extensions.filters.http.grpc_stats.v3.FilterConfig;
import io.envoyproxy.envoy.extensions.filters.http.header_to_metadata.v3.Config;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.matching.common_inputs.ssl.v3.UriSanInput;
import io.envoyproxy.envoy.extensions.retry.host.omit_host_metadata.v3.OmitHostMetadataConfig;
import io.envoyproxy.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate;
import io.envoyproxy.envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.util.List;

/**
 * The types a control plane of Kuma 2.14 puts into an {@code Any} (contract §4), so that the
 * messages inside can be read, changed and printed. Immutable, any thread.
 */
public final class EnvoyTypes {

  private static final TypeRegistry REGISTRY =
      TypeRegistry.newBuilder()
          .add(
              List.of(
                  Cluster.getDescriptor(),
                  ClusterLoadAssignment.getDescriptor(),
                  Listener.getDescriptor(),
                  Secret.getDescriptor(),
                  Action.getDescriptor(),
                  DatadogConfig.getDescriptor(),
                  OpenTelemetryConfig.getDescriptor(),
                  ZipkinConfig.getDescriptor(),
                  FileAccessLog.getDescriptor(),
                  OpenTelemetryAccessLogConfig.getDescriptor(),
                  ExtensionWithMatcher.getDescriptor(),
                  SkipFilter.getDescriptor(),
                  HTTPFault.getDescriptor(),
                  FilterConfig.getDescriptor(),
                  Config.getDescriptor(),
                  LocalRateLimit.getDescriptor(),
                  RBAC.getDescriptor(),
                  Router.getDescriptor(),
                  HttpInspector.getDescriptor(),
                  OriginalDst.getDescriptor(),
                  TlsInspector.getDescriptor(),
                  HttpConnectionManager.getDescriptor(),
                  io.envoyproxy.envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit
                      .getDescriptor(),
                  io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC.getDescriptor(),
                  io.envoyproxy.envoy.extensions.filters.network.set_filter_state.v3.Config
                      .getDescriptor(),
                  TcpProxy.getDescriptor(),
                  UriSanInput.getDescriptor(),
                  OmitHostMetadataConfig.getDescriptor(),
                  PreviousHostsPredicate.getDescriptor(),
                  PreviousPrioritiesConfig.getDescriptor(),
                  DownstreamTlsContext.getDescriptor(),
                  SPIFFECertValidatorConfig.getDescriptor(),
                  UpstreamTlsContext.getDescriptor(),
                  HttpProtocolOptions.getDescriptor()))
          .build();

  private EnvoyTypes() {}

  /** The registry, for readers and printers of text that expand an {@code Any}. */
  public static TypeRegistry registry() {
    return REGISTRY;
  }

  /**
   * The message inside {@code any}.
   *
   * @throws IllegalArgumentException if the type is not one of Kuma's or the bytes are damaged
   */
  static Message unpack(Any any) {
    try {
      Descriptor type = REGISTRY.getDescriptorForTypeUrl(any.getTypeUrl());
      if (type == null) {
        throw new IllegalArgumentException(
            "No known message has the type " + any.getTypeUrl() + "; add it to EnvoyTypes");
      }
      return DynamicMessage.parseFrom(type, any.getValue());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("Damaged message of type " + any.getTypeUrl(), e);
    }
  }

  /** Packs a message under the type it was unpacked from. */
  static Any pack(String typeUrl, Message message) {
    return Any.newBuilder().setTypeUrl(typeUrl).setValue(message.toByteString()).build();
  }
}
