package io.kumarun.kuma.health;

import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.service.health.v3.ClusterEndpointsHealth;
import io.envoyproxy.envoy.service.health.v3.EndpointHealth;
import io.envoyproxy.envoy.service.health.v3.EndpointHealthResponse;
import io.envoyproxy.envoy.service.health.v3.HealthCheckRequestOrEndpointHealthResponse;
import io.envoyproxy.envoy.service.health.v3.LocalityEndpointsHealth;
import java.util.List;

/** Writes what the control plane wants to hear, in its own names and order. */
final class HealthReport {
  private HealthReport() {}

  static HealthCheckRequestOrEndpointHealthResponse of(List<EndpointCheck> checks) {
    EndpointHealthResponse.Builder response = EndpointHealthResponse.newBuilder();
    ClusterEndpointsHealth.Builder cluster = null;
    LocalityEndpointsHealth.Builder locality = null;
    int localityIndex = -1;
    for (EndpointCheck check : checks) {
      PlannedCheck plan = check.plan();
      if (cluster == null || !cluster.getClusterName().equals(plan.cluster())) {
        cluster = response.addClusterEndpointsHealthBuilder().setClusterName(plan.cluster());
        locality = null;
      }
      if (locality == null || localityIndex != plan.localityIndex()) {
        locality = cluster.addLocalityEndpointsHealthBuilder().setLocality(plan.locality());
        localityIndex = plan.localityIndex();
      }
      locality.addEndpointsHealth(
          EndpointHealth.newBuilder()
              .setEndpoint(plan.endpoint())
              .setHealthStatus(status(check.verdict())));
    }
    return HealthCheckRequestOrEndpointHealthResponse.newBuilder()
        .setEndpointHealthResponse(response)
        .build();
  }

  /** The control plane takes UNKNOWN for well, as it does an endpoint that it never heard about. */
  private static HealthStatus status(Verdict verdict) {
    return switch (verdict) {
      case UNKNOWN -> HealthStatus.UNKNOWN;
      case HEALTHY -> HealthStatus.HEALTHY;
      case UNHEALTHY -> HealthStatus.UNHEALTHY;
    };
  }
}
