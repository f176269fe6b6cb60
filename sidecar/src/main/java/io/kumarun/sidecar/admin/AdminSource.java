package io.kumarun.sidecar.admin;

import io.kumarun.kuma.inspect.Inventory;
import io.kumarun.telemetry.ProxyMetrics;

/** Where the pages take from what they show. Any thread but an event loop; may block shortly. */
public interface AdminSource {

  ServerState state();

  /** What became of the latest configuration. */
  TrafficStatus traffic();

  Inventory inventory();

  ProxyMetrics metrics();

  /** Of this program. */
  String version();

  long uptimeSeconds();

  int eventLoops();
}
