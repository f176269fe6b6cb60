package io.kumarun.sidecar;

import io.kumarun.kuma.KumaState;
import io.kumarun.kuma.inspect.Inventory;
import io.kumarun.proxy.config.Address;
import io.kumarun.proxy.config.MeshConfig;

/** The connection to the control plane, as the life cycle of a sidecar sees it. Any thread. */
interface MeshSession extends AutoCloseable {

  /** Begins to join the mesh; returns at once. */
  void start();

  /** How things stand. Once it is ready, the receiver has taken a complete configuration. */
  KumaState state();

  /**
   * Tells the control plane at once that this data plane is not ready any more, so that peers stop
   * to send to it. Blocks for a short time.
   *
   * @return whether it was told; false if it does not want to hear about health
   */
  boolean reportUnready();

  /**
   * What the control plane has sent, and what became of it. Blocks for a short time.
   *
   * @throws IllegalStateException it cannot be told now
   */
  Inventory inventory();

  /** Leaves the mesh. */
  @Override
  void close();

  /** What a session tells the sidecar, and asks it. */
  interface Receiver {

    /** Takes a configuration; returns when it is in use. One at a time, on no event loop. */
    void onConfig(MeshConfig config);

    /** Whether the sidecar serves: a configuration is in use, and the end has not begun. */
    boolean ready();

    /** Where Envoy's admin interface is to be. On no event loop. */
    void onAdminAddress(Address address);

    /** The control plane does not take this Dataplane. The sentence is for the operator. */
    void onRefused(String sentence);
  }
}
