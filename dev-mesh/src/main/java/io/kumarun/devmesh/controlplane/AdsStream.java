package io.kumarun.devmesh.controlplane;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a data plane: admits it on its first request, then lets the session answer. After a
 * NACK, and after a registration, the stream is silent for a while, as Kuma's is. Any thread; the
 * stream's own lock serialises.
 *
 * @param <Q> the request message
 * @param <S> the response message
 */
final class AdsStream<Q, S> implements StreamObserver<Q> {

  private final AdsContext context;
  private final AdsSession<Q, S> session;
  private final Function<Q, Node> nodeOf;
  private final StreamObserver<S> responses;
  private final boolean delta;
  private final List<String> credentials;
  private final Queue<Q> waiting = new ArrayDeque<>();

  private @Nullable DataplaneResource dataplane;
  private boolean silent;
  private boolean closed;

  AdsStream(
      AdsContext context,
      AdsSession<Q, S> session,
      Function<Q, Node> nodeOf,
      StreamObserver<S> responses,
      boolean delta) {
    this.context = context;
    this.session = session;
    this.nodeOf = nodeOf;
    this.responses = responses;
    this.delta = delta;
    this.credentials = AdsContext.credentials();
  }

  @Override
  public synchronized void onNext(Q request) {
    if (closed) {
      return;
    }
    Node node = nodeOf.apply(request);
    DataplaneResource admitted = dataplane;
    if (admitted == null) {
      admitted = admit(node);
      if (admitted == null) {
        return;
      }
    } else if (!node.getId().isEmpty() && !node.getId().equals(admitted.nodeId())) {
      refuse(
          "stream was authenticated for ID %s. Received request is for node with ID %s. Node ID cannot be changed after stream is initialized"
              .formatted(admitted.nodeId(), node.getId()));
      return;
    }
    AdsEvent.Received received = session.received(admitted.nodeId(), request);
    context.journal().record(received);
    if (received.isNack()) {
      fallSilent(context.settings().nackBackoff());
    }
    if (silent) {
      waiting.add(request);
    } else {
      send(session.onRequest(request, context.registrations().served(admitted.nodeId())));
    }
  }

  /** The resources of this data plane changed. */
  synchronized void refresh() {
    DataplaneResource admitted = dataplane;
    if (!closed && !silent && admitted != null) {
      send(session.onSnapshot(context.registrations().served(admitted.nodeId())));
    }
  }

  /** Ends the stream from this side, as a control plane that goes away does. */
  synchronized void end(Status status) {
    if (!closed) {
      leave();
      responses.onError(status.asRuntimeException());
    }
  }

  @Override
  public synchronized void onError(Throwable error) {
    leave();
  }

  @Override
  public synchronized void onCompleted() {
    if (!closed) {
      leave();
      responses.onCompleted();
    }
  }

  private @Nullable DataplaneResource admit(Node node) {
    AdsContext.Admission admission = context.admit(node, credentials, this);
    DataplaneResource admitted = admission.dataplane();
    if (admitted == null) {
      refuse(admission.refusal());
      return null;
    }
    dataplane = admitted;
    context.journal().record(new AdsEvent.Connected(admitted.nodeId(), node, delta));
    if (admitted.inline()) {
      fallSilent(context.settings().registrationDelay());
    }
    return admitted;
  }

  private void refuse(String reason) {
    DataplaneResource admitted = dataplane;
    context
        .journal()
        .record(new AdsEvent.Refused(admitted == null ? "" : admitted.nodeId(), reason));
    leave();
    responses.onError(Status.UNKNOWN.withDescription(reason).asRuntimeException());
  }

  private void fallSilent(Duration time) {
    if (!time.isZero()) {
      silent = true;
      context.later(time, this::speakAgain);
    }
  }

  private synchronized void speakAgain() {
    silent = false;
    DataplaneResource admitted = dataplane;
    if (closed || admitted == null) {
      return;
    }
    Snapshot snapshot = context.registrations().served(admitted.nodeId());
    for (Q request = waiting.poll(); request != null; request = waiting.poll()) {
      send(session.onRequest(request, snapshot));
    }
    send(session.onSnapshot(snapshot));
  }

  private void send(List<S> messages) {
    for (S message : messages) {
      DataplaneResource admitted = dataplane;
      if (admitted != null) {
        context.journal().record(session.sent(admitted.nodeId(), message));
      }
      responses.onNext(message);
    }
  }

  private void leave() {
    if (closed) {
      return;
    }
    closed = true;
    DataplaneResource admitted = dataplane;
    if (admitted != null) {
      context.leave(admitted, this);
      context.journal().record(new AdsEvent.Disconnected(admitted.nodeId()));
    }
  }
}
