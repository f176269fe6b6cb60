package io.kumarun.sidecar;

import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.sidecar.admin.TrafficStatus;

/** The data path, as the life cycle of a sidecar sees it. Any thread but an event loop. */
interface TrafficPath extends AutoCloseable {

  /** Swaps the configuration; returns when it is in use. */
  TrafficStatus apply(MeshConfig config);

  /**
   * Asks inbound connections to end, new ones after their first response; cuts none off, and leaves
   * outbound alone. Returns at once.
   */
  void drainInbound();

  /** Closes everything at once. */
  @Override
  void close();
}
