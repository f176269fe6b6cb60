package io.kumarun.proxy.config;

import java.time.Duration;

/**
 * Bytes to a cluster (Envoy's {@code tcp_proxy}).
 *
 * @param idleTimeout zero: off
 * @param maxConnectAttempts at least 1
 */
public record TcpProxyConfig(
    String statPrefix, ClusterChoice cluster, Duration idleTimeout, int maxConnectAttempts)
    implements FilterChainConfig.TerminalConfig {}
