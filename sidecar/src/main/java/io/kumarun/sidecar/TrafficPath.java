package io.kumarun.sidecar;

import io.kumarun.proxy.config.MeshConfig;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** The data path, as the life cycle of a sidecar sees it. Any thread. */
interface TrafficPath extends AutoCloseable {

  /** Swaps the configuration. Completes when it is in use; fails if it cannot be. */
  CompletionStage<?> apply(MeshConfig config);

  /**
   * Takes no new work and lets what is there end. Completes when no connection is left, or after
   * {@code patience}, when those that are left are closed.
   */
  CompletionStage<?> drain(Duration patience);

  /** Closes everything at once. */
  @Override
  void close();
}
