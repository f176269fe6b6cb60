package io.kumarun.devmesh.controlplane;

import io.envoyproxy.envoy.config.core.v3.ControlPlane;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.kumarun.devmesh.controlplane.Snapshot.Entry;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The state-of-the-world protocol of one stream, as go-control-plane speaks it in ADS mode: each
 * request gets at most one answer; a request that names resources is answered only if it names all
 * that there are; the version a client accepted last is not sent to it again (live notes §3). Not
 * thread-safe.
 */
final class SotwSession implements AdsSession<DiscoveryRequest, DiscoveryResponse> {

  private static final class Watch {
    boolean open;
    String accepted = "";
    String nonce = "";
    List<String> names = List.of();
    final Set<String> delivered = new HashSet<>();
  }

  private final Map<ResourceType, Watch> watches = new EnumMap<>(ResourceType.class);
  private final Nonces nonces;

  SotwSession(Nonces nonces) {
    this.nonces = nonces;
  }

  @Override
  public List<DiscoveryResponse> onRequest(DiscoveryRequest request, Snapshot snapshot) {
    ResourceType type = ResourceType.ofUrl(request.getTypeUrl());
    if (type == null) {
      return List.of();
    }
    Watch watch = watches.computeIfAbsent(type, t -> new Watch());
    if (!request.getResponseNonce().isEmpty() && !request.getResponseNonce().equals(watch.nonce)) {
      return List.of();
    }
    watch.open = true;
    watch.accepted = request.getVersionInfo();
    watch.names = request.getResourceNamesList();
    return answer(type, watch, snapshot);
  }

  @Override
  public List<DiscoveryResponse> onSnapshot(Snapshot snapshot) {
    List<DiscoveryResponse> responses = new ArrayList<>();
    watches.forEach((type, watch) -> responses.addAll(answer(type, watch, snapshot)));
    return responses;
  }

  private List<DiscoveryResponse> answer(ResourceType type, Watch watch, Snapshot snapshot) {
    Map<String, Entry> entries = snapshot.entries(type);
    boolean complete = watch.names.isEmpty() || watch.names.containsAll(entries.keySet());
    boolean news =
        !watch.accepted.equals(snapshot.version(type))
            || !watch.delivered.containsAll(entries.keySet());
    if (!watch.open || !complete || !news) {
      return List.of();
    }
    watch.open = false;
    watch.nonce = nonces.next();
    watch.delivered.clear();
    watch.delivered.addAll(entries.keySet());
    DiscoveryResponse.Builder response =
        DiscoveryResponse.newBuilder()
            .setTypeUrl(type.typeUrl())
            .setVersionInfo(snapshot.version(type))
            .setNonce(watch.nonce)
            .setControlPlane(ControlPlane.newBuilder().setIdentifier(CONTROL_PLANE));
    entries.values().forEach(entry -> response.addResources(entry.resource()));
    return List.of(response.build());
  }

  @Override
  public AdsEvent.Received received(String nodeId, DiscoveryRequest request) {
    return new AdsEvent.Received(
        nodeId,
        request.getTypeUrl(),
        request.getVersionInfo(),
        request.getResponseNonce(),
        request.getResourceNamesList(),
        List.of(),
        Map.of(),
        request.hasErrorDetail() ? request.getErrorDetail().getMessage() : null);
  }

  @Override
  public AdsEvent.Sent sent(String nodeId, DiscoveryResponse response) {
    return new AdsEvent.Sent(
        nodeId,
        response.getTypeUrl(),
        response.getVersionInfo(),
        response.getNonce(),
        List.of(),
        List.of());
  }
}
