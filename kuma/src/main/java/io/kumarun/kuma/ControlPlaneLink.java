package io.kumarun.kuma;

import io.grpc.ManagedChannel;

/**
 * The way to a control plane, as one bootstrap gave it.
 *
 * @param channel to be shut down by whoever gives the link up
 */
record ControlPlaneLink(Bootstrap bootstrap, ManagedChannel channel) {

  /** For a person. */
  String address() {
    return bootstrap.adsHost() + ":" + bootstrap.adsPort();
  }
}
