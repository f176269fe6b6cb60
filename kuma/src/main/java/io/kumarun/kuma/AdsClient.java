package io.kumarun.kuma;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import io.kumarun.kuma.Reconnection.Attempt;
import io.kumarun.kuma.inspect.Inventory;
import io.kumarun.kuma.translate.ResourceKind;
import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.telemetry.ControlPlaneMetrics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
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
  private final Patience patience;
  private final ControlPlaneMetrics metrics;
  private final Instant joinedAt;
  private final AdsLog log = new AdsLog();
  private final SynchronizationContext sync =
      new SynchronizationContext((thread, failure) -> log.bug(failure));
  private final ResourceStore store = new ResourceStore();
  private final ConfigPublisher publisher;
  private final Reconnection reconnection;
  private final AdsStatus status;
  private final AdsStream.Listener events = new Events();

  private ControlPlaneLink link;
  private @Nullable AdsStream stream;
  private @Nullable Future<?> patienceTimer;
  private @Nullable Future<?> retryTimer;
  private @Nullable Future<?> quietTimer;
  private volatile boolean closed;

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
    this.metrics = metrics;
    this.publisher = new ConfigPublisher(store, log, publish);
    this.reconnection = new Reconnection(patience.firstRetry());
    InstantSource clock = InstantSource.system();
    this.joinedAt = clock.instant();
    this.status = new AdsStatus(link.address(), clock);
  }

  void start() {
    sync.execute(this::connect);
  }

  /** Ends the stream; the control plane takes that for the departure of this data plane. */
  void close() {
    closed = true; // at once: what waits in sync already shall not be published
    sync.execute(
        () -> {
          cancel(retryTimer);
          cancel(patienceTimer);
          cancel(quietTimer);
          if (stream != null) {
            stream.cancel("the data plane stops");
            stream = null;
          }
          status.closed();
          link.channel().shutdown();
        });
  }

  /** Any thread. */
  KumaState state() {
    return status.state();
  }

  /** What is known now; fails if the executor is no more. Any thread. */
  CompletableFuture<Inventory> inventory() {
    CompletableFuture<Inventory> taken = new CompletableFuture<>();
    executor.execute(() -> sync.execute(() -> taken.complete(take())));
    return taken;
  }

  private Inventory take() {
    Map<ResourceKind, Set<String>> warming = publisher.warming();
    return new Inventory(
        link.bootstrap().node(),
        link.bootstrap().yaml(),
        joinedAt,
        status.controlPlane(),
        store.states(kind -> warming.getOrDefault(kind, Set.of())),
        publisher.published(),
        status.state().waiting(),
        store.unapplied());
  }

  private void connect() {
    if (closed || stream != null) {
      return;
    }
    String authorization;
    try {
      authorization = token.get().strip();
    } catch (RuntimeException e) {
      lost(new StreamLoss(StreamLoss.Kind.LOST, "no dataplane token: " + e.getMessage()));
      return;
    }
    link.channel().resetConnectBackoff(); // the waiting is done here
    AdsStream opened =
        new AdsStream(link.channel(), new DeltaSession(link.bootstrap().node(), store));
    stream = opened;
    status.opened();
    metrics.streamOpened();
    quietTimer = later(() -> quiet(opened), patience.answer());
    opened.open(authorization, events);
  }

  private void received(AdsStream from, DeltaDiscoveryResponse response) {
    if (from != stream || closed) {
      return;
    }
    cancel(quietTimer);
    log.answered(link.address());
    status.connected();
    try {
      take(from, response);
    } catch (RuntimeException | StackOverflowError e) {
      // What was half done cannot be answered, and without an answer nothing would come any more.
      log.bug(e);
      stream = null;
      from.cancel("the data plane has met a bug");
      lost(new StreamLoss(StreamLoss.Kind.LOST, "a response met a bug of this data plane: " + e));
      return;
    }
    reconnection.answered();
    from.next();
    if (status.state().ready()) { // not before: nobody waits for it
      log.unapplied(store.newUnapplied());
    }
  }

  private void take(AdsStream from, DeltaDiscoveryResponse response) {
    DeltaSession.Reply reply = from.take(response);
    count(response, reply);
    // Subscriptions at once, the ACK last: as Envoy's it says that what came is in use, as far as
    // nothing else is waited for.
    from.subscribe(reply);
    log.rejections(store);
    update();
    from.answer(reply);
  }

  private void count(DeltaDiscoveryResponse response, DeltaSession.Reply reply) {
    ResourceKind kind = ResourceKind.ofTypeUrl(response.getTypeUrl());
    int refused = reply.refusal() == null ? 0 : reply.refusal().reasons().size();
    if (kind != null) {
      metrics.answered(kind.label(), refused);
    }
    if (kind == null || refused > 0) {
      status.refused();
    }
  }

  /**
   * Nothing has come on this stream for a while. Right after a reconnect that means that nothing
   * has changed; but a control plane that has never sent anything cannot build a configuration, and
   * says so nowhere but in its own log.
   */
  private void quiet(AdsStream on) {
    if (on != stream || closed) {
      return;
    }
    if (!on.isReady()) { // still connecting: that is not the control plane's silence
      quietTimer = later(() -> quiet(on), patience.answer());
    } else if (store.answered(ResourceKind.CLUSTER)) {
      log.answered(link.address());
      status.connected();
    } else {
      status.silent(log.silent(link.bootstrap().node().getId(), patience.answer()));
    }
  }

  private void update() {
    boolean complete = publisher.update();
    if (publisher.clustersWait() && patienceTimer == null) {
      patienceTimer = later(this::giveUp, patience.answer());
    }
    status.assembled(complete, publisher.waiting(), log.rejected());
  }

  private void giveUp() {
    patienceTimer = null;
    if (!closed) {
      publisher.giveUpOnWaitingClusters();
      update();
    }
  }

  private void ended(AdsStream from, Status end) {
    if (from == stream && !closed) {
      stream = null;
      lost(StreamLoss.of(end));
    }
  }

  private void lost(StreamLoss loss) {
    cancel(quietTimer);
    Attempt next = reconnection.after(loss.kind());
    log.lost(link.address(), loss, next.pause().toMillis());
    status.lost(loss.reason(), publisher.waiting());
    retryTimer = later(next.bootstrapFirst() ? this::bootstrapAgain : this::connect, next.pause());
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
      status.movedTo(link.address());
    }
    connect();
  }

  /**
   * Timers run on an event loop; what they start does not. Nor does the loop enter {@code sync}:
   * whoever is in there does the work of all who come meanwhile.
   */
  private Future<?> later(Runnable task, Duration delay) {
    return timer.schedule(() -> inSync(task), delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void inSync(Runnable task) {
    if (closed) {
      return;
    }
    try {
      executor.execute(() -> sync.execute(task));
    } catch (RejectedExecutionException e) {
      // The program ends, and its executor went first.
    }
  }

  private static void cancel(@Nullable Future<?> timer) {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  private final class Events implements AdsStream.Listener {
    @Override
    public void received(AdsStream from, DeltaDiscoveryResponse response) {
      sync.execute(() -> AdsClient.this.received(from, response));
    }

    @Override
    public void ended(AdsStream from, Status status) {
      sync.execute(() -> AdsClient.this.ended(from, status));
    }
  }
}
