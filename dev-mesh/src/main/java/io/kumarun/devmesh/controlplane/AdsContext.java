package io.kumarun.devmesh.controlplane;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.kumarun.devmesh.authority.TokenAuthenticator;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
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
  private final Timers timers;
  private final Certificates certificates;
  private final Conduct conduct = new Conduct();
  private final Map<String, AdsStream<?, ?>> active = new ConcurrentHashMap<>();
  private final Set<AdsStream<?, ?>> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger epoch = new AtomicInteger();

  AdsContext(
      Registrations registrations,
      Journal journal,
      ControlPlaneSettings settings,
      TokenAuthenticator authenticator,
      Timers timers) {
    this.registrations = registrations;
    this.journal = journal;
    this.settings = settings;
    this.authenticator = authenticator;
    this.timers = timers;
    this.streams = new StreamRegistry();
    this.certificates =
        new Certificates(registrations, timers, settings.certificateLifetime(), this::refresh);
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

  Certificates certificates() {
    return certificates;
  }

  Conduct conduct() {
    return conduct;
  }

  /** Number of this life of the control plane: it has another one after it was away. */
  int epoch() {
    return epoch.get();
  }

  /**
   * The control plane goes away: it forgets who is connected, and deletes no Dataplane for it
   * (contract §1.6).
   */
  void restart() {
    epoch.incrementAndGet();
    streams.clear();
    active.clear();
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
    certificates.begin(dataplane.nodeId());
    if (dataplane.inline() && registrations.health().admit(dataplane)) {
      // Not from here: this is under the lock of a stream, and theirs are needed.
      later(Duration.ZERO, this::refreshAll);
    }
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

  void opened(AdsStream<?, ?> stream) {
    open.add(stream);
  }

  void closed(AdsStream<?, ?> stream) {
    open.remove(stream);
  }

  /** The stream of a data plane ends that began in this epoch. */
  void leave(DataplaneResource dataplane, AdsStream<?, ?> stream, int began) {
    active.remove(dataplane.nodeId(), stream);
    if (began != epoch.get()) {
      return;
    }
    certificates.end(dataplane.nodeId());
    if (dataplane.inline()) {
      later(settings.deregistrationDelay(), () -> deregister(dataplane, began));
    } else {
      streams.release(dataplane.nodeId());
    }
  }

  private void deregister(DataplaneResource dataplane, int began) {
    if (began != epoch.get()) {
      return;
    }
    registrations.health().withdraw(dataplane);
    streams.release(dataplane.nodeId());
    journal.record(new AdsEvent.Deregistered(dataplane.nodeId()));
    refreshAll();
  }

  /** Lets all streams go on that were kept from it. */
  void behave() {
    conduct.end();
    open.forEach(AdsStream::wake);
  }

  void sendUnasked(DeltaDiscoveryResponse response) {
    active.values().forEach(stream -> stream.sendUnasked(response));
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
    Runnable unused = timers.after(delay, task);
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
