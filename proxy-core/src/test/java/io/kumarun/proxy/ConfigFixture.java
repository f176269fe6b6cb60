package io.kumarun.proxy;

import io.kumarun.proxy.config.Address;
import io.kumarun.proxy.config.ClusterChoice;
import io.kumarun.proxy.config.ClusterConfig;
import io.kumarun.proxy.config.EndpointConfig;
import io.kumarun.proxy.config.FilterChainConfig;
import io.kumarun.proxy.config.FilterChainConfig.NetworkFilterConfig;
import io.kumarun.proxy.config.FilterChainConfig.TerminalConfig;
import io.kumarun.proxy.config.FilterChainMatch;
import io.kumarun.proxy.config.HttpConnectionConfig;
import io.kumarun.proxy.config.HttpConnectionConfig.ForwardClientCert;
import io.kumarun.proxy.config.HttpConnectionConfig.HttpFilterConfig;
import io.kumarun.proxy.config.ListenerConfig;
import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.proxy.config.RouteTableConfig;
import io.kumarun.proxy.config.RouteTableConfig.HeaderEdits;
import io.kumarun.proxy.config.RouteTableConfig.PathMatch;
import io.kumarun.proxy.config.RouteTableConfig.Route;
import io.kumarun.proxy.config.RouteTableConfig.RouteAction;
import io.kumarun.proxy.config.RouteTableConfig.RouteMatch;
import io.kumarun.proxy.config.RouteTableConfig.VirtualHost;
import io.kumarun.proxy.config.TcpProxyConfig;
import io.kumarun.retry.ConnectionLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Small configurations for tests. */
final class ConfigFixture {
  private ConfigFixture() {}

  /** A port nobody listens on now; tests bind it at once. */
  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ListenerConfig listener(String name, int port, TerminalConfig terminal) {
    return listener(name, port, terminal, List.of());
  }

  static ListenerConfig listener(
      String name, int port, TerminalConfig terminal, List<NetworkFilterConfig> network) {
    return new ListenerConfig(
        name,
        new Address.Socket("127.0.0.1", port),
        ListenerConfig.Direction.OUTBOUND,
        true,
        false,
        List.of(new FilterChainConfig(name, FilterChainMatch.ANY, null, network, terminal)),
        Map.of());
  }

  static HttpConnectionConfig http(RouteTableConfig routes, HttpFilterConfig... filters) {
    return new HttpConnectionConfig(
        "test",
        ForwardClientCert.SANITIZE,
        Duration.ofMinutes(5),
        Duration.ZERO,
        Duration.ZERO,
        false,
        List.of(),
        List.of(filters),
        routes);
  }

  static RouteTableConfig allTo(String cluster) {
    return allTo(cluster, Duration.ZERO);
  }

  static RouteTableConfig allTo(String cluster, Duration timeout) {
    return routes(new RouteAction.Forward(new ClusterChoice.Single(cluster), timeout, null, null));
  }

  static RouteTableConfig routes(RouteAction action) {
    return new RouteTableConfig(
        "routes",
        HeaderEdits.NONE,
        List.of(
            new VirtualHost(
                "all",
                List.of("*"),
                List.of(
                    new Route(
                        "route",
                        new RouteMatch(new PathMatch.Prefix("/"), List.of()),
                        action,
                        HeaderEdits.NONE,
                        HeaderEdits.NONE)))));
  }

  static TcpProxyConfig tcp(String cluster) {
    return new TcpProxyConfig("tcp", new ClusterChoice.Single(cluster), Duration.ofMinutes(5), 2);
  }

  static ClusterConfig cluster(String name, ClusterConfig.Protocol protocol, int... ports) {
    return cluster(name, protocol, ConnectionLimits.DEFAULT, ports);
  }

  static ClusterConfig cluster(
      String name, ClusterConfig.Protocol protocol, ConnectionLimits limits, int... ports) {
    List<EndpointConfig> endpoints = new ArrayList<>();
    for (int port : ports) {
      endpoints.add(
          new EndpointConfig(
              new Address.Socket("127.0.0.1", port), 1, 0, true, "", Map.of(), Map.of()));
    }
    return new ClusterConfig(
        name,
        name,
        protocol,
        ClusterConfig.Discovery.ADDRESSES,
        null,
        Duration.ofSeconds(2),
        Duration.ofMinutes(5),
        Duration.ZERO,
        Duration.ZERO,
        limits,
        endpoints);
  }

  static MeshConfig mesh(List<ListenerConfig> listeners, ClusterConfig... clusters) {
    return new MeshConfig(
        listeners.stream().collect(Collectors.toMap(ListenerConfig::name, Function.identity())),
        Arrays.stream(clusters)
            .collect(Collectors.toMap(ClusterConfig::name, Function.identity())));
  }
}
