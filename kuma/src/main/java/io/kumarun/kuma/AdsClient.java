package io.kumarun.kuma;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.github.resilience4j.core.IntervalFunction;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import io.kumarun.kuma.ConfigAssembler.Assembly;
import io.kumarun.kuma.ConfigAssembler.Waiting;
import io.kumarun.kuma.inspect.ControlPlaneStatus;
import io.kumarun.kuma.inspect.Inventory;
import io.kumarun.kuma.translate.ResourceKind;
import io.kumarun.proxy.config.MeshConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one delta ADS stream to the control plane, and publishes what can be served.
 *
 * <pre>
 *   start ─► connecting ─► streaming ─► (stream ends) waiting ─► connecting …
 *                                   close, from anywhere ─► closed
 * </pre>
 *
 * <p>One stream at a time: the control plane refuses a second one of the same data plane, and for
 * 10 s after the end of one. While there is none, the last configuration stays. All state is
 * touched in {@code sync} only; methods may be called from any thread.
 */
final class AdsClient {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private static final Duration FIRST_RETRY = Duration.ofMillis(500);
  private static final Duration LAST_RETRY = Duration.ofSeconds(30);

  /** Envoy's {@code initial_fetch_timeout}. */
  static final Duration PATIENCE = Duration.ofSeconds(15);

  private final Bootstrap bootstrap;
  private final ManagedChannel channel;
  private final Supplier<String> token;
  private final ScheduledExecutorService timer;
  private final Executor executor;
  private final Consumer<MeshConfig> publish;
  private final Duration patience;
  private final AdsLog log;
  private final SynchronizationContext sync;
  private final Instant joinedAt = Instant.now();
  private final ResourceStore store = new ResourceStore();
  private final ConfigAssembler assembler = new ConfigAssembler();
  private final IntervalFunction backOff =
      IntervalFunction.ofExponentialRandomBackoff(FIRST_RETRY, 2, 0.5, LAST_RETRY);

  private @Nullable Stream stream;
  private SynchronizationContext.@Nullable ScheduledHandle patienceTimer;
  private SynchronizationContext.@Nullable ScheduledHandle retryTimer;
  private int failures;
  private boolean closed;
  private MeshConfig published = MeshConfig.EMPTY;
  private List<Waiting> waiting = List.of();
  private volatile ControlPlaneStatus controlPlane;
  private volatile KumaState state = KumaState.STARTING;

  AdsClient(
      Bootstrap bootstrap,
      ManagedChannel channel,
      Supplier<String> token,
      ScheduledExecutorService timer,
      Executor executor,
      Duration patience,
      Consumer<MeshConfig> publish) {
    this.bootstrap = bootstrap;
    this.channel = channel;
    this.token = token;
    this.timer = timer;
    this.executor = executor;
    this.patience = patience;
    this.publish = publish;
    this.controlPlane =
        new ControlPlaneStatus(
            bootstrap.adsHost() + ":" + bootstrap.adsPort(), false, null, "", null);
    this.log = new AdsLog(bootstrap.adsHost() + ":" + bootstrap.adsPort());
    this.sync = new SynchronizationContext((thread, failure) -> log.bug(failure));
  }

  void start() {
    sync.execute(this::connect);
  }

  /** Ends the stream; the control plane takes that for the departure of this data plane. */
  void close() {
    sync.execute(
        () -> {
          closed = true;
          cancel(retryTimer);
          cancel(patienceTimer);
          if (stream != null) {
            stream.call.cancel("the data plane stops", null);
            stream = null;
          }
          state = state.disconnected();
          channel.shutdown();
        });
  }

  /** Any thread. */
  KumaState state() {
    return state;
  }

  /** What is known now; fails if the executor is no more. Any thread. */
  CompletableFuture<Inventory> inventory() {
    CompletableFuture<Inventory> taken = new CompletableFuture<>();
    executor.execute(() -> sync.execute(() -> taken.complete(take())));
    return taken;
  }

  private Inventory take() {
    Map<ResourceKind, Set<String>> warming = new EnumMap<>(ResourceKind.class);
    for (Waiting each : waiting) {
      boolean olderInUse =
          each.kind() == ResourceKind.CLUSTER && published.clusters().containsKey(each.name());
      if (!olderInUse) {
        warming.computeIfAbsent(each.kind(), kind -> new HashSet<>()).add(each.name());
      }
    }
    return new Inventory(
        bootstrap.node(),
        bootstrap.yaml(),
        joinedAt,
        controlPlane,
        store.states(kind -> warming.getOrDefault(kind, Set.of())),
        published,
        waiting.stream().map(Object::toString).toList(),
        store.notes());
  }

  private void connect() {
    if (closed || stream != null) {
      return;
    }
    Metadata headers = new Metadata();
    try {
      String value = token.get().strip();
      if (!value.isEmpty()) {
        headers.put(AUTHORIZATION, value);
      }
    } catch (RuntimeException e) {
      lost("no dataplane token: " + e.getMessage());
      return;
    }
    channel.resetConnectBackoff(); // the waiting is done here
    ClientCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> call =
        channel.newCall(
            AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod(),
            CallOptions.DEFAULT);
    Stream opened = new Stream(call, new DeltaSession(bootstrap.node(), store));
    stream = opened;
    call.start(opened, headers);
    opened.session.opened().forEach(call::sendMessage);
    call.request(1);
  }

  private void received(Stream from, DeltaDiscoveryResponse response) {
    if (from != stream || closed) {
      return;
    }
    failures = 0;
    log.answered();
    controlPlane = controlPlane.connected(Instant.now());
    DeltaSession.Reply reply = from.session.received(response);
    // Subscriptions at once, the ACK last: as Envoy's it says that what came is in use, as far as
    // nothing else is waited for.
    send(from, reply, false);
    log.rejections(store);
    assemble();
    send(from, reply, true);
    from.call.request(1);
  }

  private static void send(Stream to, DeltaSession.Reply reply, boolean answers) {
    for (DeltaDiscoveryRequest request : reply.requests()) {
      if (answers != request.getResponseNonce().isEmpty()) {
        to.call.sendMessage(request);
      }
    }
  }

  private void assemble() {
    Assembly assembly = assembler.assemble(store);
    if (assembler.clustersWait() && patienceTimer == null) {
      patienceTimer = later(this::giveUp, patience);
    }
    boolean complete =
        store.answered(ResourceKind.CLUSTER)
            && store.answered(ResourceKind.LISTENER)
            && !assembly.listenersWait();
    if (assembly.config() != published) {
      published = assembly.config();
      log.applied(published);
      publish.accept(published);
    }
    waiting = assembly.waiting();
    log.waiting(waiting);
    log.notes(store.notes());
    List<String> sentences = waiting.stream().map(Object::toString).toList();
    state = new KumaState(true, state.ready() || complete, sentences, log.rejected());
  }

  private void giveUp() {
    patienceTimer = null;
    if (!closed) {
      assembler.giveUpOnWaitingClusters();
      assemble();
    }
  }

  /** Timers run on an event loop; what they start does not. */
  private SynchronizationContext.ScheduledHandle later(Runnable task, Duration delay) {
    return sync.schedule(
        () -> executor.execute(() -> sync.execute(task)),
        delay.toNanos(),
        TimeUnit.NANOSECONDS,
        timer);
  }

  private void ended(Stream from, Status status) {
    if (from != stream || closed) {
      return;
    }
    stream = null;
    lost(
        status.getCode()
            + (status.getDescription() == null ? "" : ": " + status.getDescription())
            + (status.getCause() == null
                ? ""
                : " (" + BootstrapExchange.sentence(status.getCause()) + ")"));
  }

  private void lost(String reason) {
    state = state.disconnected();
    failures = Math.min(failures + 1, 20);
    long delay = backOff.apply(failures);
    log.lost(reason, delay);
    controlPlane = controlPlane.lost(reason, Instant.now());
    retryTimer = later(this::connect, Duration.ofMillis(delay));
  }

  private static void cancel(SynchronizationContext.@Nullable ScheduledHandle handle) {
    if (handle != null) {
      handle.cancel();
    }
  }

  private final class Stream extends ClientCall.Listener<DeltaDiscoveryResponse> {
    final ClientCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> call;
    final DeltaSession session;

    Stream(ClientCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> call, DeltaSession session) {
      this.call = call;
      this.session = session;
    }

    @Override
    public void onMessage(DeltaDiscoveryResponse response) {
      sync.execute(() -> received(this, response));
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      sync.execute(() -> ended(this, status));
    }
  }
}
