package io.kumarun.kuma.health;

import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.HealthCheck;
import io.envoyproxy.envoy.config.core.v3.HealthCheck.HttpHealthCheck;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.service.health.v3.ClusterHealthCheck;
import io.envoyproxy.envoy.service.health.v3.HealthCheckSpecifier;
import io.envoyproxy.envoy.service.health.v3.LocalityEndpoints;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code HealthCheckSpecifier} asks for (contract §1.7). Of several health checks of a
 * cluster the first one counts; Kuma sends one. Immutable.
 *
 * @param interval between two reports
 */
record HealthPlan(Duration interval, List<PlannedCheck> checks) {
  /** Nobody needs to hear more often, and a zero must not become a busy loop. */
  private static final Duration SHORTEST = Duration.ofMillis(20);

  private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofDays(1);
  private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(5);

  /** Where Envoy's admin interface says that it is live. */
  private static final String READY = "/ready";

  HealthPlan {
    checks = List.copyOf(checks);
  }

  static HealthPlan of(HealthCheckSpecifier specifier) {
    List<PlannedCheck> checks = new ArrayList<>();
    for (ClusterHealthCheck cluster : specifier.getClusterHealthChecksList()) {
      if (cluster.getHealthChecksCount() == 0) {
        continue;
      }
      HealthCheck check = cluster.getHealthChecks(0);
      for (int locality = 0; locality < cluster.getLocalityEndpointsCount(); locality++) {
        LocalityEndpoints endpoints = cluster.getLocalityEndpoints(locality);
        for (Endpoint endpoint : endpoints.getEndpointsList()) {
          checks.add(
              new PlannedCheck(
                  cluster.getClusterName(),
                  locality,
                  endpoints.getLocality(),
                  endpoint,
                  probe(cluster, check, endpoint),
                  duration(check.hasInterval(), check.getInterval()),
                  min(duration(check.hasTimeout(), check.getTimeout()), LONGEST_TIMEOUT),
                  check.getHealthyThreshold().getValue(),
                  check.getUnhealthyThreshold().getValue()));
        }
      }
    }
    return new HealthPlan(duration(specifier.hasInterval(), specifier.getInterval()), checks);
  }

  private static Probe probe(ClusterHealthCheck cluster, HealthCheck check, Endpoint endpoint) {
    if (check.hasHttpHealthCheck() && check.getHttpHealthCheck().getPath().equals(READY)) {
      return new Probe.OwnReadiness();
    }
    InetSocketAddress address = address(endpoint.getAddress());
    if (address == null) {
      return new Probe.Unsupported("its address is not an IP address with a port");
    }
    InetSocketAddress source =
        cluster.getUpstreamBindConfig().hasSourceAddress()
            ? socket(cluster.getUpstreamBindConfig().getSourceAddress())
            : null;
    return switch (check.getHealthCheckerCase()) {
      case TCP_HEALTH_CHECK ->
          check.getTcpHealthCheck().hasSend() || check.getTcpHealthCheck().getReceiveCount() > 0
              ? new Probe.Unsupported("TCP checks with a payload are not made")
              : new Probe.Tcp(address, source);
      case HTTP_HEALTH_CHECK ->
          http(address, source, cluster.getClusterName(), check.getHttpHealthCheck());
      case GRPC_HEALTH_CHECK, CUSTOM_HEALTH_CHECK, HEALTHCHECKER_NOT_SET ->
          new Probe.Unsupported("only HTTP and TCP checks are made");
    };
  }

  private static Probe http(
      InetSocketAddress address,
      @Nullable InetSocketAddress source,
      String cluster,
      HttpHealthCheck check) {
    List<Probe.StatusRange> expected = new ArrayList<>();
    check
        .getExpectedStatusesList()
        .forEach(
            range ->
                expected.add(
                    new Probe.StatusRange(
                        (int) Math.clamp(range.getStart(), 0, 1000),
                        (int) Math.clamp(range.getEnd(), 0, 1000))));
    if (expected.isEmpty()) {
      expected.add(new Probe.StatusRange(200, 201));
    }
    return new Probe.Http(
        address,
        source,
        check.getHost().isEmpty() ? cluster : check.getHost(),
        check.getPath(),
        expected);
  }

  private static @Nullable InetSocketAddress address(Address address) {
    return address.hasSocketAddress() ? socket(address.getSocketAddress()) : null;
  }

  /** Only numbers: a name would be resolved on an event loop. */
  private static @Nullable InetSocketAddress socket(SocketAddress socket) {
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(socket.getAddress());
    int port = socket.getPortValue();
    if (bytes == null || port < 0 || port > 65535) {
      return null;
    }
    try {
      return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 bytes are an address", e);
    }
  }

  private static Duration duration(boolean set, com.google.protobuf.Duration duration) {
    if (!set || duration.getSeconds() < 0 || duration.getNanos() < 0) {
      return DEFAULT_INTERVAL;
    }
    Duration value =
        Duration.ofSeconds(
            Math.min(duration.getSeconds(), LONGEST.toSeconds()), duration.getNanos());
    return value.compareTo(SHORTEST) < 0 ? SHORTEST : min(value, LONGEST);
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
