package io.kumarun.proxy.exchange;

import io.kumarun.proxy.cluster.Clusters;
import io.kumarun.telemetry.AccessLog;
import java.time.InstantSource;

/** What every exchange of a data plane uses. Any thread. */
public record ExchangeServices(Clusters clusters, AccessLog accessLog, InstantSource clock) {}
