package io.kumarun.sidecar.settings;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the control plane is told about this host.
 *
 * @param hostIp shown with the data plane; null: unknown
 * @param metricsCertPath certificate for metrics over TLS; null: none
 * @param metricsKeyPath its key; null: none
 * @param systemCaPath authorities of the platform; null: to be looked for
 * @param bindOutbounds listeners of virtual addresses are really bound
 * @param reusePort whether listeners may share a port
 */
public record HostSettings(
    @Nullable String hostIp,
    @Nullable Path metricsCertPath,
    @Nullable Path metricsKeyPath,
    @Nullable Path systemCaPath,
    boolean ipv6Enabled,
    boolean bindOutbounds,
    boolean reusePort) {}
