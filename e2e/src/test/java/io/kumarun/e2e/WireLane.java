package io.kumarun.e2e;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * A listener of a sidecar with an application behind it that nobody else uses: the cases of a lane
 * are played one after the other.
 */
final class WireLane {
  private final InetSocketAddress sidecar;
  private final WireApplication application;

  WireLane(InetSocketAddress sidecar, WireApplication application) {
    this.sidecar = sidecar;
    this.application = application;
  }

  /** What the peer hears and the application sees of a case. */
  synchronized List<String> play(WireCase wire) throws IOException {
    application.begin(wire);
    List<String> seen = new ArrayList<>(WireClient.play(wire, sidecar));
    seen.add("= the application saw");
    seen.addAll(application.end());
    return seen;
  }
}
