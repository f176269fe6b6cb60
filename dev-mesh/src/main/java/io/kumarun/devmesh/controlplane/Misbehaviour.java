package io.kumarun.devmesh.controlplane;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Status;

/**
 * What can be wrong with a control plane, or with the way to it, as far as it is no resource: those
 * are put into a {@link Snapshot}, good or bad. Immutable.
 */
public sealed interface Misbehaviour {

  /** Bootstrap requests are answered with an error. */
  record RefusesBootstrap(int status, String text) implements Misbehaviour {}

  /** New streams end on their first request; old ones go on. */
  record RefusesStreams(Status status) implements Misbehaviour {}

  /** Whatever is asked, on any port, is taken and not answered, until it behaves again. */
  record Hangs() implements Misbehaviour {}

  /** Streams break and ports refuse, until it behaves again. */
  record Vanishes() implements Misbehaviour {}

  /** Each response comes twice, word by word. */
  record RepeatsResponses() implements Misbehaviour {}

  /** Responses that one change brings come in the opposite order: listeners first. */
  record ReversesResponses() implements Misbehaviour {}

  /** A response that nobody asked for, at once, on every delta stream. */
  record SendsUnasked(DeltaDiscoveryResponse response) implements Misbehaviour {}
}
