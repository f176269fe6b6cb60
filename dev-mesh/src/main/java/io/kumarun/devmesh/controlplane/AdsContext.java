package io.kumarun.devmesh.controlplane;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.Context;
import io.grpc.Status;
import io.kumarun.devmesh.authority.TokenAuthenticator;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What all streams of a control plane share: who may come in, and who is in. Any thread. */
final class AdsContext {

  /** The {@code authorization} values of the call at hand. */
  static final Context.Key<List<String>> CREDENTIALS = Context.key("authorization");

  /** A data plane that was let in, or the reason why it was not. */
  record Admission(@Nullable DataplaneResource dataplane, String refusal) {}

  private final Registrations registrations;
  private final Journal journal;
  private final ControlPlaneSettings settings;
  private final TokenAuthenticator authenticator;
  private final StreamRegistry streams;
  private final ScheduledExecutorService timer;
  private final Map<String, AdsStream<?, ?>> active = new ConcurrentHashMap<>();

  AdsContext(
      Registrations registrations,
      Journal journal,
      ControlPlaneSettings settings,
      TokenAuthenticator authenticator,
      ScheduledExecutorService timer) {
    this.registrations = registrations;
    this.journal = journal;
    this.settings = settings;
    this.authenticator = authenticator;
    this.timer = timer;
    this.streams = new StreamRegistry(settings.reconnectHold(), System::nanoTime);
  }

  static List<String> credentials() {
    List<String> values = CREDENTIALS.get();
    return values == null ? List.of() : values;
  }

  Registrations registrations() {
    return registrations;
  }

  Journal journal() {
    return journal;
  }

  ControlPlaneSettings settings() {
    return settings;
  }

  /** Authenticates a first request and registers its stream, in Kuma's order (contract §1.6). */
  Admission admit(Node node, List<String> credentials, AdsStream<?, ?> stream) {
    Admission admission = authenticate(node, credentials);
    DataplaneResource dataplane = admission.dataplane();
    if (dataplane == null) {
      return admission;
    }
    if (!streams.begin(dataplane.nodeId())) {
      return new Admission(null, StreamRegistry.REFUSAL);
    }
    active.put(dataplane.nodeId(), stream);
    return admission;
  }

  /** Finds out who sent a first request, on any kind of stream. */
  Admission authenticate(Node node, List<String> credentials) {
    DataplaneResource dataplane;
    try {
      dataplane = identify(node);
    } catch (IllegalArgumentException e) {
      return new Admission(null, String.valueOf(e.getMessage()));
    }
    if (credentials.size() > 1) {
      return new Admission(
          null,
          "could not extract credential from DiscoveryRequest: request must have exactly 1"
              + " \"authorization\" header, got "
              + credentials.size());
    }
    String refusal =
        authenticator.refusal(
            credentials.isEmpty() ? "" : credentials.getFirst(),
            dataplane.claim(registrations.identityFromWorkload(dataplane.mesh())));
    if (refusal != null) {
      return new Admission(null, refusal);
    }
    if (!dataplane.nodeId().equals(node.getId())) {
      return new Admission(
          null,
          "node ID %s does not match the dataplane %s".formatted(node.getId(), dataplane.nodeId()));
    }
    return new Admission(dataplane, "");
  }

  void leave(DataplaneResource dataplane, AdsStream<?, ?> stream) {
    active.remove(dataplane.nodeId(), stream);
    streams.end(dataplane.nodeId(), dataplane.inline());
  }

  void refresh(String nodeId) {
    AdsStream<?, ?> stream = active.get(nodeId);
    if (stream != null) {
      stream.refresh();
    }
  }

  void refreshAll() {
    active.values().forEach(AdsStream::refresh);
  }

  void disconnect(String nodeId) {
    AdsStream<?, ?> stream = active.get(nodeId);
    if (stream != null) {
      stream.end(Status.UNAVAILABLE.withDescription("the control plane is going away"));
    }
  }

  void later(Duration delay, Runnable task) {
    var unused = timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  private DataplaneResource identify(Node node) {
    var resource = node.getMetadata().getFieldsMap().get("dataplane.resource");
    if (resource != null && !resource.getStringValue().isEmpty()) {
      return DataplaneResource.parse(resource.getStringValue(), true);
    }
    if (node.getId().indexOf('.') <= 0) {
      throw new IllegalArgumentException(
          "request must have a valid Proxy ID: the name should be provided after the dot");
    }
    return registrations
        .created(node.getId())
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "resource \"%s\" not found; create a Dataplane in Kuma CP first or pass it as an argument to kuma-dp"
                        .formatted(node.getId())));
  }
}
