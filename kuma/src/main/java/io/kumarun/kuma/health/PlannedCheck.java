package io.kumarun.kuma.health;

import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import java.time.Duration;

/**
 * One endpoint that the control plane wants to hear about. Immutable.
 *
 * @param cluster name to report under, never looked into
 * @param localityIndex which locality of the cluster
 * @param endpoint to be echoed
 * @param interval between the end of a check and the next
 * @param timeout of one check
 */
record PlannedCheck(
    String cluster,
    int localityIndex,
    Locality locality,
    Endpoint endpoint,
    Probe probe,
    Duration interval,
    Duration timeout,
    int healthyThreshold,
    int unhealthyThreshold) {}
