package io.kumarun.devmesh.controlplane;

import java.util.List;

/**
 * One variant of xDS on one stream: what to answer to a request, and what to send when the
 * resources change. Callers serialise.
 *
 * @param <Q> the request message
 * @param <S> the response message
 */
interface AdsSession<Q, S> {

  /** How the control plane names itself. */
  String CONTROL_PLANE = "dev-mesh";

  List<S> onRequest(Q request, Snapshot snapshot);

  List<S> onSnapshot(Snapshot snapshot);

  AdsEvent.Received received(String nodeId, Q request);

  AdsEvent.Sent sent(String nodeId, S response);
}
