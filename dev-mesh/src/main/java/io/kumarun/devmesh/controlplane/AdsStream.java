package io.kumarun.devmesh.controlplane;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a data plane: admits it on its first request, then lets the session answer. After a
 * registration the stream is silent for a while, and so it is before it answers about a type that
 * was last refused (NACK), as Kuma's is. Any thread; the stream's own lock serialises.
 *
 * @param <Q> the request message
 * @param <S> the response message
 */
final class AdsStream<Q, S> implements StreamObserver<Q> {

  private static final int LAST_PORT = 65535;

  private final AdsContext context;
  private final AdsSession<Q, S> session;
  private final Function<Q, Node> nodeOf;
  private final StreamObserver<S> responses;
  private final boolean delta;
  private final List<String> credentials;
  private final int epoch;
  private final Queue<Q> unread = new ArrayDeque<>();
  private final Queue<Q> waiting = new ArrayDeque<>();
  private final Deque<S> outgoing = new ArrayDeque<>();
  private final Set<String> refusedTypes = new HashSet<>();

  private @Nullable DataplaneResource dataplane;
  private boolean rendered;
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
    this.epoch = context.epoch();
    context.opened(this);
  }

  @Override
  public synchronized void onNext(Q request) {
    if (closed) {
      return;
    }
    if (context.conduct().hangs()) {
      unread.add(request);
    } else {
      read(request);
    }
  }

  private void read(Q request) {
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
      refusedTypes.add(received.typeUrl());
    } else {
      refusedTypes.remove(received.typeUrl());
    }
    if (!rendered) {
      return;
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
    if (!closed && !silent && rendered && admitted != null && !context.conduct().hangs()) {
      send(session.onSnapshot(context.registrations().served(admitted.nodeId())));
    }
  }

  /** Reads what came while the control plane hung. */
  synchronized void wake() {
    for (Q request = unread.poll(); request != null && !closed; request = unread.poll()) {
      read(request);
    }
    refresh();
  }

  /** Says something on a delta stream that its session knows nothing of. */
  @SuppressWarnings("unchecked") // a delta stream is made of these messages
  synchronized void sendUnasked(DeltaDiscoveryResponse response) {
    if (!closed && delta) {
      write((S) response);
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
    if (context.conduct().current() instanceof Misbehaviour.RefusesStreams refuses) {
      refuse(refuses.status());
      return null;
    }
    AdsContext.Admission admission = context.admit(node, credentials, this);
    DataplaneResource admitted = admission.dataplane();
    if (admitted == null) {
      refuse(admission.refusal());
      return null;
    }
    dataplane = admitted;
    context.journal().record(new AdsEvent.Connected(admitted.nodeId(), node, delta));
    rendered = hasReadinessPort(node);
    if (!rendered) {
      context
          .journal()
          .record(
              new AdsEvent.NotRendered(
                  admitted.nodeId(), "ReadinessPort has to be in (0, 65535] range"));
    }
    if (admitted.inline()) {
      fallSilent(context.settings().registrationDelay());
    }
    return admitted;
  }

  /** Without one Kuma has no configuration for a data plane (live notes §8). */
  private static boolean hasReadinessPort(Node node) {
    var port = node.getMetadata().getFieldsMap().get("dataplane.readinessReporter.port");
    try {
      int number = port == null ? 0 : Integer.parseInt(port.getStringValue());
      return number > 0 && number <= LAST_PORT;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private void refuse(String reason) {
    refuse(Status.UNKNOWN.withDescription(reason));
  }

  private void refuse(Status status) {
    DataplaneResource admitted = dataplane;
    context
        .journal()
        .record(
            new AdsEvent.Refused(
                admitted == null ? "" : admitted.nodeId(),
                String.valueOf(status.getDescription())));
    leave();
    responses.onError(status.asRuntimeException());
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
    if (closed || !rendered || admitted == null) {
      return;
    }
    flush();
    while (!silent && !waiting.isEmpty()) {
      send(session.onRequest(waiting.remove(), context.registrations().served(admitted.nodeId())));
    }
    refresh();
  }

  private void send(List<S> messages) {
    boolean reversed = context.conduct().current() instanceof Misbehaviour.ReversesResponses;
    outgoing.addAll(reversed ? messages.reversed() : messages);
    flush();
  }

  private void flush() {
    while (!silent && !outgoing.isEmpty()) {
      DataplaneResource admitted = Objects.requireNonNull(dataplane, "dataplane");
      if (refusedTypes.remove(session.sent(admitted.nodeId(), outgoing.getFirst()).typeUrl())) {
        fallSilent(context.settings().nackBackoff());
      }
      if (!silent) {
        write(outgoing.removeFirst());
      }
    }
  }

  private void write(S message) {
    DataplaneResource admitted = Objects.requireNonNull(dataplane, "dataplane");
    boolean twice = context.conduct().current() instanceof Misbehaviour.RepeatsResponses;
    for (int times = twice ? 2 : 1; times > 0; times--) {
      context.journal().record(session.sent(admitted.nodeId(), message));
      responses.onNext(message);
    }
  }

  private void leave() {
    if (closed) {
      return;
    }
    closed = true;
    context.closed(this);
    DataplaneResource admitted = dataplane;
    if (admitted != null) {
      context.leave(admitted, this, epoch);
      context.journal().record(new AdsEvent.Disconnected(admitted.nodeId()));
    }
  }
}
