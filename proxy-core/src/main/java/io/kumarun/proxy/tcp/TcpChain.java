package io.kumarun.proxy.tcp;

import io.kumarun.proxy.config.TcpProxyConfig;
import io.kumarun.telemetry.TcpMetrics;

/** A TCP proxy with its metrics. Immutable; any thread. */
public record TcpChain(TcpProxyConfig config, TcpMetrics metrics) {}
