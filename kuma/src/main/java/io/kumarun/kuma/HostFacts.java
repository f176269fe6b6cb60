package io.kumarun.kuma;

import org.jspecify.annotations.Nullable;

/**
 * What the bootstrap request says about the host (contract §1.2); the control plane puts the paths
 * into configuration as they are.
 *
 * @param metricsCertPath certificate for metrics over TLS; null: none
 * @param metricsKeyPath its key; null: none
 * @param systemCaPath authorities for TLS to services outside the mesh; null: none
 * @param ipv6 whether there is any
 * @param bindOutbounds virtual addresses are really bound, instead of reached by interception
 * @param reusePort listeners may share a port
 */
public record HostFacts(
    @Nullable String metricsCertPath,
    @Nullable String metricsKeyPath,
    @Nullable String systemCaPath,
    boolean ipv6,
    boolean bindOutbounds,
    boolean reusePort) {
  /** Of a host about which nothing is known. */
  public static final HostFacts DEFAULT = new HostFacts(null, null, null, true, false, true);
}
