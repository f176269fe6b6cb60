package io.kumarun.devmesh.authority;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who a data plane says it is, from its Dataplane resource.
 *
 * @param workload its label {@code kuma.io/workload}, if it has one
 * @param tags values per tag over all inbounds
 * @param identityFromWorkload whether a MeshIdentity makes its SPIFFE id from that label
 */
public record ProxyClaim(
    String mesh,
    String name,
    @Nullable String workload,
    Map<String, List<String>> tags,
    boolean identityFromWorkload) {}
