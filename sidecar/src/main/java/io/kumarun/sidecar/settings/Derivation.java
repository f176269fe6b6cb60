package io.kumarun.sidecar.settings;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is said about a Dataplane that nobody wrote down.
 *
 * @param appPort where the application listens on loopback; null: it takes no requests of the mesh
 * @param appProtocol http, http2, grpc or tcp
 * @param inboundPort null: that of the application
 * @param workload null: the service
 * @param service null: the platform's name for it
 * @param labels in addition to the derived ones, and stronger
 * @param address null: that of the platform, or one that is never routable
 */
public record Derivation(
    KumaVersion kuma,
    @Nullable Integer appPort,
    String appProtocol,
    @Nullable Integer inboundPort,
    List<Outbound> outbounds,
    @Nullable String service,
    @Nullable String workload,
    Map<String, String> labels,
    @Nullable String address) {}
