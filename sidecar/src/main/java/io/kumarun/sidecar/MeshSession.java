package io.kumarun.sidecar;

import io.kumarun.proxy.config.MeshConfig;
import java.util.concurrent.CompletionStage;

/** The connection to the control plane, as the life cycle of a sidecar sees it. Any thread. */
interface MeshSession extends AutoCloseable {

  /** Begins to join the mesh; returns at once. */
  void start();

  /** Says goodbye, so that the control plane takes this Dataplane out, and closes. */
  @Override
  void close();

  /** What a session tells the sidecar. */
  interface Receiver {

    /**
     * A configuration is complete. One at a time: the next one comes when this one is in use or
     * refused.
     */
    CompletionStage<?> onConfig(MeshConfig config);

    /** The control plane will never accept this Dataplane. The sentence is for the operator. */
    void onRefused(String sentence);

    /** What the health reports to the control plane say of this proxy. */
    Readiness readiness();
  }
}
