package io.kumarun.kuma;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.kumarun.kuma.translate.ResourceKind;

/** Responses of a control plane, in a few words. Certificates are those of a recording. */
final class Responses {
  static final String CERTIFICATE = "identity_cert:secret:s03";
  static final String AUTHORITY = "mesh_ca:secret:s03";

  private static final ConfigSource ADS =
      ConfigSource.newBuilder().setAds(AggregatedConfigSource.getDefaultInstance()).build();

  private final DeltaDiscoveryResponse.Builder response = DeltaDiscoveryResponse.newBuilder();

  private Responses(ResourceKind kind, String nonce) {
    response.setTypeUrl(kind.typeUrl()).setNonce(nonce);
  }

  static Responses of(ResourceKind kind, String nonce) {
    return new Responses(kind, nonce);
  }

  Responses with(String name, String version, Message resource) {
    return with(name, version, Any.pack(resource));
  }

  Responses with(String name, String version, Any resource) {
    response.addResources(
        Resource.newBuilder().setName(name).setVersion(version).setResource(resource));
    return this;
  }

  Responses without(String name) {
    response.addRemovedResources(name);
    return this;
  }

  DeltaDiscoveryResponse build() {
    return response.build();
  }

  static Cluster edsCluster(String name) {
    return Cluster.newBuilder()
        .setName(name)
        .setType(Cluster.DiscoveryType.EDS)
        .setEdsClusterConfig(Cluster.EdsClusterConfig.newBuilder().setEdsConfig(ADS))
        .build();
  }

  static Cluster tlsCluster(String name, String certificate) {
    UpstreamTlsContext tls =
        UpstreamTlsContext.newBuilder()
            .setSni("backend")
            .setCommonTlsContext(
                CommonTlsContext.newBuilder()
                    .addTlsCertificateSdsSecretConfigs(sds(certificate))
                    .setValidationContextSdsSecretConfig(sds(AUTHORITY)))
            .build();
    return Cluster.newBuilder(edsCluster(name)).setTransportSocket(socket(tls)).build();
  }

  static ClusterLoadAssignment endpoints(String name, int... ports) {
    LocalityLbEndpoints.Builder locality = LocalityLbEndpoints.newBuilder();
    for (int port : ports) {
      locality.addLbEndpoints(
          LbEndpoint.newBuilder()
              .setEndpoint(Endpoint.newBuilder().setAddress(address("127.0.0.1", port))));
    }
    return ClusterLoadAssignment.newBuilder().setClusterName(name).addEndpoints(locality).build();
  }

  static Listener listener(String name, int port, String cluster) {
    return Listener.newBuilder()
        .setName(name)
        .setAddress(address("127.0.0.1", port))
        .addFilterChains(chain(cluster))
        .build();
  }

  static Listener tlsListener(String name, int port, String cluster, String certificate) {
    DownstreamTlsContext tls =
        DownstreamTlsContext.newBuilder()
            .setRequireClientCertificate(BoolValue.of(true))
            .setCommonTlsContext(
                CommonTlsContext.newBuilder()
                    .addTlsCertificateSdsSecretConfigs(sds(certificate))
                    .setValidationContextSdsSecretConfig(sds(AUTHORITY)))
            .build();
    return Listener.newBuilder()
        .setName(name)
        .setAddress(address("127.0.0.1", port))
        .addFilterChains(chain(cluster).setTransportSocket(socket(tls)))
        .build();
  }

  /** The certificate and the authority of the recording, the certificate under a name. */
  static DeltaDiscoveryResponse secrets(String nonce, String certificate) {
    Responses secrets = of(ResourceKind.SECRET, nonce);
    for (DeltaDiscoveryResponse recorded :
        Recordings.responses("delta-03-mtls-strict-mtp/backend")) {
      for (Resource resource : recorded.getResourcesList()) {
        if (resource.getResource().is(Secret.class)) {
          secrets.addSecret(resource, certificate);
        }
      }
    }
    return secrets.build();
  }

  private void addSecret(Resource resource, String certificate) {
    try {
      Secret secret = resource.getResource().unpack(Secret.class);
      String name = secret.hasTlsCertificate() ? certificate : secret.getName();
      with(name, "1", Secret.newBuilder(secret).setName(name).build());
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private static FilterChain.Builder chain(String cluster) {
    return FilterChain.newBuilder()
        .addFilters(
            Filter.newBuilder()
                .setName("envoy.filters.network.tcp_proxy")
                .setTypedConfig(
                    Any.pack(
                        TcpProxy.newBuilder().setStatPrefix("p").setCluster(cluster).build())));
  }

  private static TransportSocket socket(Message context) {
    return TransportSocket.newBuilder()
        .setName("envoy.transport_sockets.tls")
        .setTypedConfig(Any.pack(context))
        .build();
  }

  private static SdsSecretConfig sds(String name) {
    return SdsSecretConfig.newBuilder().setName(name).setSdsConfig(ADS).build();
  }

  private static Address address(String host, int port) {
    return Address.newBuilder()
        .setSocketAddress(SocketAddress.newBuilder().setAddress(host).setPortValue(port))
        .build();
  }
}
