package io.kumarun.kuma.inspect;

import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.admin.v3.ClusterStatus;
import io.envoyproxy.envoy.admin.v3.Clusters;
import io.envoyproxy.envoy.admin.v3.HostHealthStatus;
import io.envoyproxy.envoy.admin.v3.HostStatus;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.kumarun.proxy.config.Address;
import io.kumarun.proxy.config.ClusterConfig;
import io.kumarun.proxy.config.EndpointConfig;
import io.kumarun.retry.ConnectionLimits;
import java.io.IOException;
import java.util.TreeMap;

/** Envoy's {@code /clusters}: the clusters in use, their limits and their endpoints. Any thread. */
public final class ClusterPages {
  private ClusterPages() {}

  /** A line per fact: {@code name::10.0.0.1:80::health_flags::healthy}. */
  public static void text(Inventory inventory, Appendable out) throws IOException {
    for (ClusterConfig cluster : new TreeMap<>(inventory.inUse().clusters()).values()) {
      Lines lines = new Lines(out, Plain.text(cluster.name()));
      lines.fact("observability_name", Plain.text(cluster.statName()));
      ConnectionLimits limits = cluster.limits();
      lines.fact("default_priority::max_connections", limits.maxConnections());
      lines.fact("default_priority::max_pending_requests", limits.maxPendingRequests());
      lines.fact("default_priority::max_requests", limits.maxRequests());
      lines.fact("default_priority::max_retries", limits.maxRetries());
      lines.fact("added_via_api", true);
      for (EndpointConfig endpoint : cluster.endpoints()) {
        String at = Plain.text(endpoint.address().toString()) + "::";
        lines.fact(at + "hostname", hostname(cluster, endpoint));
        lines.fact(at + "health_flags", endpoint.healthy() ? "healthy" : "/failed_eds_health");
        lines.fact(at + "weight", endpoint.weight());
        lines.fact(at + "region", "");
        lines.fact(at + "zone", Plain.text(endpoint.zone()));
        lines.fact(at + "sub_zone", "");
        lines.fact(at + "canary", false);
        lines.fact(at + "priority", endpoint.priority());
        lines.fact(at + "success_rate", -1);
        lines.fact(at + "local_origin_success_rate", -1);
      }
    }
  }

  /** JSON of an {@code envoy.admin.v3.Clusters}. */
  public static void json(Inventory inventory, Appendable out) throws IOException {
    Clusters.Builder clusters = Clusters.newBuilder();
    for (ClusterConfig cluster : new TreeMap<>(inventory.inUse().clusters()).values()) {
      ClusterStatus.Builder status =
          ClusterStatus.newBuilder()
              .setName(cluster.name())
              .setObservabilityName(cluster.statName())
              .setAddedViaApi(true)
              .setCircuitBreakers(limits(cluster.limits()));
      cluster.endpoints().forEach(endpoint -> status.addHostStatuses(host(cluster, endpoint)));
      clusters.addClusterStatuses(status);
    }
    KnownTypes.printer().appendTo(clusters, out);
    out.append('\n');
  }

  private static CircuitBreakers limits(ConnectionLimits limits) {
    return CircuitBreakers.newBuilder()
        .addThresholds(
            CircuitBreakers.Thresholds.newBuilder()
                .setMaxConnections(UInt32Value.of(limits.maxConnections()))
                .setMaxPendingRequests(UInt32Value.of(limits.maxPendingRequests()))
                .setMaxRequests(UInt32Value.of(limits.maxRequests()))
                .setMaxRetries(UInt32Value.of(limits.maxRetries())))
        .build();
  }

  private static HostStatus host(ClusterConfig cluster, EndpointConfig endpoint) {
    return HostStatus.newBuilder()
        .setAddress(Messages.address(endpoint.address()))
        .setHealthStatus(
            HostHealthStatus.newBuilder()
                .setEdsHealthStatus(
                    endpoint.healthy() ? HealthStatus.HEALTHY : HealthStatus.UNHEALTHY))
        .setWeight(endpoint.weight())
        .setPriority(endpoint.priority())
        .setHostname(hostname(cluster, endpoint))
        .setLocality(Locality.newBuilder().setZone(endpoint.zone()))
        .build();
  }

  private static String hostname(ClusterConfig cluster, EndpointConfig endpoint) {
    return cluster.discovery() == ClusterConfig.Discovery.DNS
            && endpoint.address() instanceof Address.Socket socket
        ? Plain.text(socket.host())
        : "";
  }

  private record Lines(Appendable out, String cluster) {
    void fact(String what, Object value) throws IOException {
      out.append(cluster).append("::").append(what).append("::");
      out.append(String.valueOf(value)).append('\n');
    }
  }
}
