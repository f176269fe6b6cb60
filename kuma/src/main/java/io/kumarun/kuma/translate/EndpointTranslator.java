package io.kumarun.kuma.translate;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.kumarun.proxy.config.Address;
import io.kumarun.proxy.config.ClusterConfig.Discovery;
import io.kumarun.proxy.config.EndpointConfig;
import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code ClusterLoadAssignment}, of its own (EDS) or inside a cluster (contract §2.7). */
final class EndpointTranslator {
  private EndpointTranslator() {}

  static TranslatedEndpoints translate(String name, Any resource, FieldPath path) {
    ClusterLoadAssignment assignment = path.unpack(resource, ClusterLoadAssignment.class);
    if (!assignment.getClusterName().equals(name)) {
      throw path.at("cluster_name")
          .rejected(assignment.getClusterName(), "the name it was sent under");
    }
    List<EndpointConfig> endpoints = endpoints(assignment, path);
    return new TranslatedEndpoints(endpoints, path.notes());
  }

  static List<EndpointConfig> endpoints(ClusterLoadAssignment assignment, FieldPath path) {
    List<EndpointConfig> endpoints = new ArrayList<>();
    // The endpoints of a service have mostly the same labels: kept once.
    Map<Map<String, String>, Map<String, String>> labels = new HashMap<>();
    for (int i = 0; i < assignment.getEndpointsCount(); i++) {
      locality(assignment.getEndpoints(i), path.at("endpoints", i), labels, endpoints);
    }
    return endpoints;
  }

  /**
   * Kuma puts a host name into EDS where {@code networking.advertisedAddress} is one. Envoy refuses
   * that; here the name is resolved, as in STRICT_DNS.
   */
  static Discovery discovery(List<EndpointConfig> endpoints) {
    for (EndpointConfig endpoint : endpoints) {
      if (endpoint.address() instanceof Address.Socket socket && !isAddress(socket.host())) {
        return Discovery.DNS;
      }
    }
    return Discovery.ADDRESSES;
  }

  private static boolean isAddress(String host) {
    return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
  }

  private static void locality(
      LocalityLbEndpoints locality,
      FieldPath path,
      Map<Map<String, String>, Map<String, String>> labels,
      List<EndpointConfig> endpoints) {
    path.refuse(locality.hasLedsClusterLocalityConfig(), "leds_cluster_locality_config");
    String zone = locality.getLocality().getZone();
    for (int i = 0; i < locality.getLbEndpointsCount(); i++) {
      LbEndpoint source = locality.getLbEndpoints(i);
      FieldPath at = path.at("lb_endpoints", i);
      at.refuse(source.hasEndpointName(), "endpoint_name");
      endpoints.add(
          new EndpointConfig(
              Values.address(source.getEndpoint().getAddress(), at.at("endpoint.address")),
              source.hasLoadBalancingWeight()
                  ? Math.max(1, Values.unsigned(source.getLoadBalancingWeight().getValue()))
                  : 1,
              Values.unsigned(locality.getPriority()),
              healthy(source.getHealthStatus()),
              zone,
              metadata(source, "envoy.lb", labels),
              metadata(source, "io.kuma.labels", labels)));
    }
  }

  private static boolean healthy(HealthStatus status) {
    return switch (status) {
      case UNKNOWN, HEALTHY, DEGRADED -> true;
      case UNHEALTHY, DRAINING, TIMEOUT, UNRECOGNIZED -> false;
    };
  }

  private static Map<String, String> metadata(
      LbEndpoint source, String namespace, Map<Map<String, String>, Map<String, String>> labels) {
    Map<String, String> own = Values.metadata(source.getMetadata(), namespace);
    Map<String, String> known = labels.putIfAbsent(own, own);
    return known == null ? own : known;
  }
}
