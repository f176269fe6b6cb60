package io.kumarun.devmesh.controlplane;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import org.jspecify.annotations.Nullable;

/**
 * The four types of resources a sidecar gets, in the order in which they are sent (contract §2.2).
 */
public enum ResourceType {
  CLUSTER("envoy.config.cluster.v3.Cluster"),
  ENDPOINT("envoy.config.endpoint.v3.ClusterLoadAssignment"),
  SECRET("envoy.extensions.transport_sockets.tls.v3.Secret"),
  LISTENER("envoy.config.listener.v3.Listener");

  private final String typeUrl;

  ResourceType(String name) {
    this.typeUrl = "type.googleapis.com/" + name;
  }

  public String typeUrl() {
    return typeUrl;
  }

  static @Nullable ResourceType ofUrl(String typeUrl) {
    for (ResourceType type : values()) {
      if (type.typeUrl.equals(typeUrl)) {
        return type;
      }
    }
    return null;
  }

  /** The type of a resource message. */
  public static ResourceType of(Message resource) {
    return switch (resource) {
      case Cluster cluster -> CLUSTER;
      case ClusterLoadAssignment endpoints -> ENDPOINT;
      case Secret secret -> SECRET;
      case Listener listener -> LISTENER;
      default ->
          throw new IllegalArgumentException(
              "Not a resource: " + resource.getDescriptorForType().getFullName());
    };
  }

  /** The name by which a resource is known. */
  public static String nameOf(Message resource) {
    return switch (resource) {
      case Cluster cluster -> cluster.getName();
      case ClusterLoadAssignment endpoints -> endpoints.getClusterName();
      case Secret secret -> secret.getName();
      case Listener listener -> listener.getName();
      default ->
          throw new IllegalArgumentException(
              "Not a resource: " + resource.getDescriptorForType().getFullName());
    };
  }
}
