package io.kumarun.kuma;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.github.resilience4j.core.IntervalFunction;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import io.kumarun.kuma.ConfigAssembler.Assembly;
import io.kumarun.kuma.ConfigAssembler.Waiting;
import io.kumarun.kuma.inspect.ControlPlaneStatus;
import io.kumarun.kuma.inspect.Inventory;
import io.kumarun.kuma.translate.ResourceKind;
import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.telemetry.ControlPlaneMetrics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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
 *                                                        └─► rejoining ─► connecting …
 *                                   close, from anywhere ─► closed
 * </pre>
 *
 * <p>One stream at a time: the control plane refuses a second one of the same data plane, and for
 * 10 s after the end of one. Where TLS fails, or the token is refused again and again, a new
 * bootstrap may name another authority or place: it is asked for before the next attempt, and used
 * for it. While there is no stream, the last configuration stays, whatever happens. All state is
 * touched in {@code sync} only; methods may be called from any thread.
 */
final class AdsClient {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private static final Duration LAST_RETRY = Duration.ofSeconds(30);

  /** The previous stream is held for 10 s in all: no reason for longer and longer pauses. */
  private static final int LONGEST_PAUSE_WHILE_HELD = 3;

  /** A control plane that just started may refuse good tokens for a moment. */
  private static final int REFUSALS_UNTIL_BOOTSTRAP = 3;

  /**
   * How long something is waited for.
   *
   * @param answer the first one of a stream, or about the endpoints of a cluster: Envoy's {@code
   *     initial_fetch_timeout}
   * @param firstRetry the first pause after the end of a stream; later ones grow
   */
  record Patience(Duration answer, Duration firstRetry) {
    static final Patience DEFAULT = new Patience(Duration.ofSeconds(15), Duration.ofMillis(500));
  }

  private final Supplier<CompletableFuture<ControlPlaneLink>> rejoin;
  private final Supplier<String> token;
  private final ScheduledExecutorService timer;
  private final Executor executor;
  private final Consumer<MeshConfig> publish;
  private final Patience patience;
  private final ControlPlaneMetrics metrics;
  private final InstantSource clock = InstantSource.system();
  private final Instant joinedAt = clock.instant();
  private final AdsLog log = new AdsLog();
  private final SynchronizationContext sync =
      new SynchronizationContext((thread, failure) -> log.bug(failure));
  private final ResourceStore store = new ResourceStore();
  private final ConfigAssembler assembler = new ConfigAssembler();
  private final IntervalFunction backOff;

  private ControlPlaneLink link;
  private @Nullable Stream stream;
  private SynchronizationContext.@Nullable ScheduledHandle patienceTimer;
  private SynchronizationContext.@Nullable ScheduledHandle retryTimer;
  private SynchronizationContext.@Nullable ScheduledHandle quietTimer;
  private int failures;
  private int refusals;
  private boolean closed;
  private MeshConfig published = MeshConfig.EMPTY;
  private List<Waiting> waiting = List.of();
  private ControlPlaneStatus controlPlane;
  private volatile KumaState state = KumaState.STARTING;

  /**
   * @param link where to connect; its channel is this client's now
   * @param rejoin asks for a new bootstrap, once; what it completes with is this client's too
   */
  AdsClient(
      ControlPlaneLink link,
      Supplier<CompletableFuture<ControlPlaneLink>> rejoin,
      Supplier<String> token,
      ScheduledExecutorService timer,
      Executor executor,
      Patience patience,
      Consumer<MeshConfig> publish,
      ControlPlaneMetrics metrics) {
    this.link = link;
    this.rejoin = rejoin;
    this.token = token;
    this.timer = timer;
    this.executor = executor;
    this.patience = patience;
    this.backOff =
        IntervalFunction.ofExponentialRandomBackoff(patience.firstRetry(), 2, 0.5, LAST_RETRY);
    this.publish = publish;
    this.metrics = metrics;
    this.controlPlane = new ControlPlaneStatus(link.address(), false, null, "", null);
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
          cancel(quietTimer);
          if (stream != null) {
            stream.call.cancel("the data plane stops", null);
            stream = null;
          }
          state = state.disconnected("");
          link.channel().shutdown();
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
        link.bootstrap().node(),
        link.bootstrap().yaml(),
        joinedAt,
        controlPlane,
        store.states(kind -> warming.getOrDefault(kind, Set.of())),
        published,
        state.waiting(),
        store.unapplied());
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
      lost(new StreamLoss(StreamLoss.Kind.LOST, "no dataplane token: " + e.getMessage()));
      return;
    }
    link.channel().resetConnectBackoff(); // the waiting is done here
    ClientCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> call =
        link.channel()
            .newCall(
                AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod(),
                CallOptions.DEFAULT);
    Stream opened = new Stream(call, new DeltaSession(link.bootstrap().node(), store));
    stream = opened;
    state = state.opened();
    metrics.streamOpened();
    quietTimer = later(() -> quiet(opened), patience.answer());
    call.start(opened, headers);
    opened.session.opened().forEach(call::sendMessage);
    call.request(1);
  }

  private void received(Stream from, DeltaDiscoveryResponse response) {
    if (from != stream || closed) {
      return;
    }
    failures = 0;
    refusals = 0;
    cancel(quietTimer);
    log.answered(link.address());
    state = state.connected(clock.instant());
    controlPlane = controlPlane.connected(clock.instant());
    DeltaSession.Reply reply = from.session.received(response);
    count(response, reply);
    // Subscriptions at once, the ACK last: as Envoy's it says that what came is in use, as far as
    // nothing else is waited for.
    send(from, reply, false);
    log.rejections(store);
    assemble();
    send(from, reply, true);
    from.call.request(1);
    if (state.ready()) { // not before: nobody waits for it
      log.unapplied(store.newUnapplied());
    }
  }

  private void count(DeltaDiscoveryResponse response, DeltaSession.Reply reply) {
    ResourceKind kind = ResourceKind.ofTypeUrl(response.getTypeUrl());
    int refused = reply.refusal() == null ? 0 : reply.refusal().reasons().size();
    if (kind != null) {
      metrics.answered(kind.label(), refused);
    }
    if (kind == null || refused > 0) {
      state = state.refused();
    }
  }

  /**
   * Nothing has come on this stream for a while. Right after a reconnect that means that nothing
   * has changed; but a control plane that has never sent anything cannot build a configuration, and
   * says so nowhere but in its own log.
   */
  private void quiet(Stream on) {
    if (on != stream || closed || !on.call.isReady()) {
      return;
    }
    if (store.answered(ResourceKind.CLUSTER)) {
      log.answered(link.address());
      state = state.connected(clock.instant());
      controlPlane = controlPlane.connected(clock.instant());
    } else {
      state = state.waitingFor(log.silent(link.bootstrap().node().getId(), patience.answer()));
    }
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
      patienceTimer = later(this::giveUp, patience.answer());
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
    List<String> sentences = waiting.stream().map(Object::toString).toList();
    state = state.assembled(complete, sentences, log.rejected());
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
    lost(StreamLoss.of(status));
  }

  private void lost(StreamLoss loss) {
    cancel(quietTimer);
    state = state.disconnected(loss.reason());
    failures = Math.min(failures + 1, 20);
    refusals = loss.kind() == StreamLoss.Kind.UNAUTHENTICATED ? refusals + 1 : 0;
    long delay =
        backOff.apply(
            loss.kind() == StreamLoss.Kind.STILL_HELD
                ? Math.min(failures, LONGEST_PAUSE_WHILE_HELD)
                : failures);
    boolean bootstrapAgain =
        switch (loss.kind()) {
          case UNTRUSTED -> true;
          case UNAUTHENTICATED -> refusals % REFUSALS_UNTIL_BOOTSTRAP == 0;
          case LOST, STILL_HELD -> false;
        };
    log.lost(link.address(), loss, delay);
    controlPlane = controlPlane.lost(loss.reason(), clock.instant());
    retryTimer =
        later(bootstrapAgain ? this::bootstrapAgain : this::connect, Duration.ofMillis(delay));
  }

  private void bootstrapAgain() {
    if (closed) {
      return;
    }
    var unused =
        rejoin
            .get()
            .whenCompleteAsync(
                (next, failure) -> sync.execute(() -> bootstrapped(next, failure)), executor);
  }

  /** Connects the old way if there is no new one: the trouble may be over. */
  private void bootstrapped(@Nullable ControlPlaneLink next, @Nullable Throwable failure) {
    if (closed) {
      if (next != null) {
        next.channel().shutdown();
      }
      return;
    }
    if (next == null) {
      log.notBootstrapped(failure);
    } else {
      link.channel().shutdown();
      link = next;
      controlPlane = controlPlane.movedTo(link.address());
    }
    connect();
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
