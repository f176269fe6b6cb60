package io.kumarun.proxy.config;

import java.util.List;
import java.util.Map;

/**
 * A place where connections come in, and the filter chains they may take.
 *
 * @param bindToPort false: never bound, fed by something else (design §7)
 * @param inspectTls whether chains are chosen after a look at the ClientHello (Envoy's {@code
 *     tls_inspector}); without it transport, SNI and ALPN of a connection are unknown to matching
 * @param tags what the mesh says of this inbound ({@code io.kuma.tags}), for telemetry
 */
public record ListenerConfig(
    String name,
    Address address,
    Direction direction,
    boolean bindToPort,
    boolean inspectTls,
    List<FilterChainConfig> filterChains,
    Map<String, String> tags) {

  /** Which side of the application a listener serves. */
  public enum Direction {
    INBOUND,
    OUTBOUND,
    UNSPECIFIED
  }

  public ListenerConfig {
    filterChains = List.copyOf(filterChains);
    tags = Map.copyOf(tags);
  }
}
