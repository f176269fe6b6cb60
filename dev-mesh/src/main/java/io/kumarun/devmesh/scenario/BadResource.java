package io.kumarun.devmesh.scenario;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.kumarun.devmesh.controlplane.ResourceType;

/** Resources that a data plane must refuse, without harm to their neighbours. */
public final class BadResource {

  private BadResource() {}

  /** What says that it is a resource of this type, and is bytes that are no message at all. */
  public static Any undecodable(ResourceType type) {
    return Any.newBuilder()
        .setTypeUrl(type.typeUrl())
        .setValue(ByteString.copyFrom(new byte[] {(byte) 0xff, 0x00, 0x01}))
        .build();
  }

  /** A good cluster of no use, as large as one wants. */
  public static Cluster oversized(String name, int bytes) {
    return Cluster.newBuilder()
        .setName(name)
        .setType(Cluster.DiscoveryType.STATIC)
        .setConnectTimeout(com.google.protobuf.Duration.newBuilder().setSeconds(1))
        .setAltStatName("x".repeat(bytes))
        .setLoadAssignment(ClusterLoadAssignment.newBuilder().setClusterName(name))
        .build();
  }

  /** A listener whose only filter is of a type that nobody has. */
  public static Listener unknownFilter(String name, String address, int port) {
    return Listener.newBuilder()
        .setName(name)
        .setAddress(
            Address.newBuilder()
                .setSocketAddress(
                    SocketAddress.newBuilder().setAddress(address).setPortValue(port)))
        .addFilterChains(
            FilterChain.newBuilder()
                .addFilters(
                    Filter.newBuilder()
                        .setName("no.such.filter")
                        .setTypedConfig(
                            Any.newBuilder()
                                .setTypeUrl("type.googleapis.com/no.such.filter.v3.NoSuchFilter"))))
        .build();
  }
}
