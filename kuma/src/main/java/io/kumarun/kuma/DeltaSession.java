package io.kumarun.kuma;

import com.google.rpc.Code;
import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.kumarun.kuma.translate.ResourceKind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is said on one delta ADS stream (contract §2.1, §2.2): subscriptions, ACKs and NACKs. No
 * I/O; messages in, messages out. One thread at a time; a new stream needs a new session on the
 * same store.
 *
 * <pre>
 *   opened ──► clusters (wildcard)
 *      first answer about clusters ──► endpoints, secrets by name; listeners (wildcard)
 *      a later answer about clusters or listeners ──► names that came and went
 *   opened again, with resources in the store ──► all four at once, with the versions in use
 * </pre>
 *
 * <p>An answer may never come (nothing changed, or nothing is there): nothing here waits for one
 * but the first of all, and on a stream that is not the first not even for that. Every request
 * carries the node, because control planes up to 2.13 compare it on each.
 */
final class DeltaSession {
  /** The bad resources of one response. */
  record Refusal(ResourceKind kind, Map<String, String> reasons) {}

  /** What to send in answer, and what was refused. */
  record Reply(List<DeltaDiscoveryRequest> requests, @Nullable Refusal refusal) {}

  private final Node node;
  private final ResourceStore store;

  /** Names subscribed to, by kind; absent: not subscribed yet. Wildcards have no names. */
  private final Map<ResourceKind, Set<String>> subscribed = new EnumMap<>(ResourceKind.class);

  DeltaSession(Node node, ResourceStore store) {
    this.node = node;
    this.store = store;
  }

  /** The first requests of the stream. */
  List<DeltaDiscoveryRequest> opened() {
    List<DeltaDiscoveryRequest> requests = new ArrayList<>();
    subscribeAll(ResourceKind.CLUSTER, requests);
    if (store.answered(ResourceKind.CLUSTER)) {
      follow(requests);
    }
    return requests;
  }

  /** Takes a response into the store. */
  Reply received(DeltaDiscoveryResponse response) {
    List<DeltaDiscoveryRequest> requests = new ArrayList<>();
    ResourceKind kind = ResourceKind.ofTypeUrl(response.getTypeUrl());
    if (kind == null || !subscribed.containsKey(kind)) {
      requests.add(
          refuse(
              response, "resources of type " + response.getTypeUrl() + " were not subscribed to"));
      return new Reply(requests, null);
    }
    Map<String, String> reasons = store.apply(kind, response);
    forgetUnwanted(kind, response);
    requests.add(
        reasons.isEmpty()
            ? acknowledge(response)
            : refuse(response, String.join("; ", reasons.values())));
    if (kind == ResourceKind.CLUSTER || kind == ResourceKind.LISTENER) {
      follow(requests);
    }
    return new Reply(requests, reasons.isEmpty() ? null : new Refusal(kind, reasons));
  }

  /**
   * An answer may cross the end of its subscription, as the word that the endpoints of a removed
   * cluster are gone always does. Kept, it would pass for the answer if the name ever comes back.
   */
  private void forgetUnwanted(ResourceKind kind, DeltaDiscoveryResponse response) {
    if (kind == ResourceKind.ENDPOINTS || kind == ResourceKind.SECRET) {
      Set<String> wanted = subscribed.getOrDefault(kind, Set.of());
      for (Resource resource : response.getResourcesList()) {
        if (!wanted.contains(resource.getName())) {
          store.forget(kind, resource.getName());
        }
      }
      for (String name : response.getRemovedResourcesList()) {
        if (!wanted.contains(name)) {
          store.forget(kind, name);
        }
      }
    }
  }

  /** Brings the subscriptions in line with what the clusters and listeners name. */
  private void follow(List<DeltaDiscoveryRequest> requests) {
    subscribeNames(ResourceKind.ENDPOINTS, store.edsNames(), requests);
    subscribeNames(ResourceKind.SECRET, store.secretNames(), requests);
    if (!subscribed.containsKey(ResourceKind.LISTENER)) {
      subscribeAll(ResourceKind.LISTENER, requests);
    }
  }

  private void subscribeAll(ResourceKind kind, List<DeltaDiscoveryRequest> requests) {
    subscribed.put(kind, Set.of());
    requests.add(request(kind).putAllInitialResourceVersions(store.versions(kind)).build());
  }

  private void subscribeNames(
      ResourceKind kind, Set<String> wanted, List<DeltaDiscoveryRequest> requests) {
    Set<String> current = subscribed.get(kind);
    boolean first = current == null;
    if (first) {
      if (wanted.isEmpty()) {
        return; // a delta subscription without names would be a wildcard
      }
      current = Set.of();
    }
    Set<String> added = new LinkedHashSet<>(wanted);
    added.removeAll(current);
    Set<String> dropped = new LinkedHashSet<>(current);
    dropped.removeAll(wanted);
    if (added.isEmpty() && dropped.isEmpty()) {
      return;
    }
    DeltaDiscoveryRequest.Builder request =
        request(kind).addAllResourceNamesSubscribe(added).addAllResourceNamesUnsubscribe(dropped);
    if (first) {
      store
          .versions(kind)
          .forEach(
              (name, version) -> {
                if (added.contains(name)) {
                  request.putInitialResourceVersions(name, version);
                }
              });
    }
    dropped.forEach(name -> store.forget(kind, name));
    subscribed.put(kind, new LinkedHashSet<>(wanted));
    requests.add(request.build());
  }

  private DeltaDiscoveryRequest acknowledge(DeltaDiscoveryResponse response) {
    return answer(response).build();
  }

  private DeltaDiscoveryRequest refuse(DeltaDiscoveryResponse response, String message) {
    return answer(response)
        .setErrorDetail(
            Status.newBuilder().setCode(Code.INVALID_ARGUMENT_VALUE).setMessage(message))
        .build();
  }

  private DeltaDiscoveryRequest.Builder answer(DeltaDiscoveryResponse response) {
    return DeltaDiscoveryRequest.newBuilder()
        .setNode(node)
        .setTypeUrl(response.getTypeUrl())
        .setResponseNonce(response.getNonce());
  }

  private DeltaDiscoveryRequest.Builder request(ResourceKind kind) {
    return DeltaDiscoveryRequest.newBuilder().setNode(node).setTypeUrl(kind.typeUrl());
  }
}
