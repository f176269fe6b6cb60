package io.kumarun.kuma;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;

/** One delta ADS stream: the call, and what is said on it. One thread at a time. */
final class AdsStream {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  /** Whoever the stream is for. Called on threads of the channel's executor. */
  interface Listener {
    /** A response came; no other comes before {@link #next}. */
    void received(AdsStream from, DeltaDiscoveryResponse response);

    void ended(AdsStream from, Status status);
  }

  private final ClientCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> call;
  private final DeltaSession session;

  /** Opens nothing yet. */
  AdsStream(ManagedChannel channel, DeltaSession session) {
    this.call =
        channel.newCall(
            AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod(),
            CallOptions.DEFAULT);
    this.session = session;
  }

  /**
   * Opens it, and asks for resources.
   *
   * @param token the value of {@code authorization}; empty: none
   */
  void open(String token, Listener listener) {
    Metadata headers = new Metadata();
    if (!token.isEmpty()) {
      headers.put(AUTHORIZATION, token);
    }
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(DeltaDiscoveryResponse response) {
            listener.received(AdsStream.this, response);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            listener.ended(AdsStream.this, status);
          }
        },
        headers);
    session.opened().forEach(call::sendMessage);
    call.request(1);
  }

  /** Takes a response into the store; nothing is sent yet. */
  DeltaSession.Reply take(DeltaDiscoveryResponse response) {
    return session.received(response);
  }

  /** Sends the part of a reply that subscribes. */
  void subscribe(DeltaSession.Reply reply) {
    send(reply, false);
  }

  /** Sends the part of a reply that accepts or refuses the response. */
  void answer(DeltaSession.Reply reply) {
    send(reply, true);
  }

  private void send(DeltaSession.Reply reply, boolean answers) {
    for (DeltaDiscoveryRequest request : reply.requests()) {
      if (answers != request.getResponseNonce().isEmpty()) {
        call.sendMessage(request);
      }
    }
  }

  /** Asks for the next response. */
  void next() {
    call.request(1);
  }

  /** Whether it is really open: what was sent has left. */
  boolean isReady() {
    return call.isReady();
  }

  void cancel(String reason) {
    call.cancel(reason, null);
  }
}
