package io.kumarun.devmesh.controlplane;

import io.envoyproxy.envoy.config.core.v3.ControlPlane;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.kumarun.devmesh.controlplane.Snapshot.Entry;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The delta protocol of one stream, as go-control-plane speaks it: a resource counts as delivered
 * once it is sent, so a NACK brings nothing back; an unchanged subscription gets no answer, but the
 * first wildcard one does, even an empty one (contract §2.2, live notes §3.8). Not thread-safe.
 */
final class DeltaSession implements AdsSession<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {

  private static final String WILDCARD = "*";

  private static final class Subscription {
    boolean wildcard;
    boolean answered;
    final Set<String> names = new TreeSet<>();
    final Map<String, String> delivered = new HashMap<>();
  }

  private final Map<ResourceType, Subscription> subscriptions = new EnumMap<>(ResourceType.class);
  private final Nonces nonces;

  DeltaSession(Nonces nonces) {
    this.nonces = nonces;
  }

  @Override
  public List<DeltaDiscoveryResponse> onRequest(DeltaDiscoveryRequest request, Snapshot snapshot) {
    ResourceType type = ResourceType.ofUrl(request.getTypeUrl());
    if (type == null) {
      return List.of();
    }
    Subscription subscription = subscriptions.get(type);
    if (subscription == null) {
      subscription = new Subscription();
      subscription.wildcard = request.getResourceNamesSubscribeList().isEmpty();
      subscription.delivered.putAll(request.getInitialResourceVersionsMap());
      subscriptions.put(type, subscription);
    }
    for (String name : request.getResourceNamesSubscribeList()) {
      subscription.wildcard |= name.equals(WILDCARD);
      subscription.names.add(name);
    }
    for (String name : request.getResourceNamesUnsubscribeList()) {
      subscription.wildcard &= !name.equals(WILDCARD);
      subscription.names.remove(name);
      subscription.delivered.remove(name);
    }
    return answer(type, subscription, snapshot);
  }

  @Override
  public List<DeltaDiscoveryResponse> onSnapshot(Snapshot snapshot) {
    List<DeltaDiscoveryResponse> responses = new ArrayList<>();
    subscriptions.forEach(
        (type, subscription) -> responses.addAll(answer(type, subscription, snapshot)));
    return responses;
  }

  private List<DeltaDiscoveryResponse> answer(
      ResourceType type, Subscription subscription, Snapshot snapshot) {
    Map<String, Entry> entries = snapshot.entries(type);
    DeltaDiscoveryResponse.Builder response = DeltaDiscoveryResponse.newBuilder();
    entries.forEach(
        (name, entry) -> {
          if (wanted(subscription, name)
              && !entry.version().equals(subscription.delivered.get(name))) {
            response.addResources(resource(name, entry));
          }
        });
    for (String name : new TreeSet<>(subscription.delivered.keySet())) {
      if (!entries.containsKey(name)) {
        response.addRemovedResources(name);
      }
    }
    boolean first = subscription.wildcard && !subscription.answered;
    if (response.getResourcesCount() == 0 && response.getRemovedResourcesCount() == 0 && !first) {
      return List.of();
    }
    subscription.answered = true;
    response
        .getResourcesList()
        .forEach(r -> subscription.delivered.put(r.getName(), r.getVersion()));
    response.getRemovedResourcesList().forEach(subscription.delivered::remove);
    return List.of(
        response
            .setTypeUrl(type.typeUrl())
            .setSystemVersionInfo(snapshot.version(type))
            .setNonce(nonces.next())
            .setControlPlane(ControlPlane.newBuilder().setIdentifier(CONTROL_PLANE))
            .build());
  }

  private static boolean wanted(Subscription subscription, String name) {
    return subscription.wildcard || subscription.names.contains(name);
  }

  private static Resource resource(String name, Entry entry) {
    return Resource.newBuilder()
        .setName(name)
        .setVersion(entry.version())
        .setResource(entry.resource())
        .build();
  }

  @Override
  public AdsEvent.Received received(String nodeId, DeltaDiscoveryRequest request) {
    return new AdsEvent.Received(
        nodeId,
        request.getTypeUrl(),
        "",
        request.getResponseNonce(),
        request.getResourceNamesSubscribeList(),
        request.getResourceNamesUnsubscribeList(),
        request.getInitialResourceVersionsMap(),
        errorOf(request.hasErrorDetail(), request.getErrorDetail().getMessage()));
  }

  @Override
  public AdsEvent.Sent sent(String nodeId, DeltaDiscoveryResponse response) {
    return new AdsEvent.Sent(
        nodeId,
        response.getTypeUrl(),
        response.getSystemVersionInfo(),
        response.getNonce(),
        response.getResourcesList().stream().map(Resource::getName).toList(),
        response.getRemovedResourcesList());
  }

  private static @Nullable String errorOf(boolean present, String message) {
    return present ? message : null;
  }
}
