package io.kumarun.proxy.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which connections take a chain; every empty criterion accepts all. The most specific chain wins,
 * compared in Envoy's order (config.listener.v3.FilterChainMatch): destination port, server names
 * (exact, then the longest wildcard suffix), transport protocol, application protocols.
 *
 * @param destinationPort 0: any
 * @param transport null: any
 */
public record FilterChainMatch(
    int destinationPort,
    List<String> serverNames,
    @Nullable Transport transport,
    List<String> applicationProtocols) {

  /** What the first bytes say, if anybody looked. */
  public enum Transport {
    RAW_BUFFER,
    TLS
  }

  public static final FilterChainMatch ANY = new FilterChainMatch(0, List.of(), null, List.of());

  public FilterChainMatch {
    serverNames = List.copyOf(serverNames);
    applicationProtocols = List.copyOf(applicationProtocols);
  }
}
