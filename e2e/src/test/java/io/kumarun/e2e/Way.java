package io.kumarun.e2e;

import java.util.List;
import java.util.stream.Stream;

/** From which kind of sidecar to which a connection goes through the mesh. */
enum Way {
  KUMARUN_TO_KUMARUN(Proxy.Kind.KUMARUN, Proxy.Kind.KUMARUN),
  KUMARUN_TO_ENVOY(Proxy.Kind.KUMARUN, Proxy.Kind.ENVOY),
  ENVOY_TO_KUMARUN(Proxy.Kind.ENVOY, Proxy.Kind.KUMARUN),
  /** What the others are measured by. */
  ENVOY_TO_ENVOY(Proxy.Kind.ENVOY, Proxy.Kind.ENVOY);

  private final Proxy.Kind caller;
  private final Proxy.Kind server;

  Way(Proxy.Kind caller, Proxy.Kind server) {
    this.caller = caller;
    this.server = server;
  }

  Proxy.Kind caller() {
    return caller;
  }

  Proxy.Kind server() {
    return server;
  }

  private boolean needsEnvoy() {
    return caller == Proxy.Kind.ENVOY || server == Proxy.Kind.ENVOY;
  }

  /** Skips the test if it needs an Envoy and there is none. */
  void orSkip() {
    if (needsEnvoy()) {
      RealEnvoy.orSkip();
    }
  }

  /** All for which there are the programs. */
  static List<Way> possible() {
    return Stream.of(values()).filter(way -> RealEnvoy.isPresent() || !way.needsEnvoy()).toList();
  }
}
