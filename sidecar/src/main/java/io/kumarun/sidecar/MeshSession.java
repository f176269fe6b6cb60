package io.kumarun.sidecar;

import io.kumarun.proxy.config.MeshConfig;

/** The connection to the control plane, as the life cycle of a sidecar sees it. Any thread. */
interface MeshSession extends AutoCloseable {

  /** Begins to join the mesh; returns at once. */
  void start();

  /**
   * Whether the control plane has answered for everything, and the receiver has taken it. Never
   * taken back.
   */
  boolean complete();

  boolean connected();

  /** Leaves the mesh. */
  @Override
  void close();

  /** What a session tells the sidecar. */
  interface Receiver {

    /** Takes a configuration; returns when it is in use. One at a time, on no event loop. */
    void onConfig(MeshConfig config);

    /** The control plane does not take this Dataplane. The sentence is for the operator. */
    void onRefused(String sentence);
  }
}
