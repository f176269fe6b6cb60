package io.kumarun.kuma.health;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.health.v3.Capability;
import io.envoyproxy.envoy.service.health.v3.HealthCheckRequest;
import io.envoyproxy.envoy.service.health.v3.HealthCheckRequestOrEndpointHealthResponse;
import io.envoyproxy.envoy.service.health.v3.HealthCheckSpecifier;
import io.envoyproxy.envoy.service.health.v3.HealthDiscoveryServiceGrpc;
import io.github.resilience4j.core.IntervalFunction;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one HDS stream to the control plane beside ADS (contract §1.7): checks what the control
 * plane names, and reports at its interval and whenever a verdict changes. The control plane then
 * takes an unhealthy application, or all of a data plane that ends, out of its peers' endpoints.
 *
 * <pre>
 *   start ─► connecting ─► streaming ─► (stream ends) waiting ─► connecting …
 *                              └─ the control plane has no HDS ─► off
 *                                     close, from anywhere ─► closed
 * </pre>
 *
 * <p>All state is touched in {@code sync} only, on threads of the executor; methods may be called
 * from any thread. No end of this stream touches ADS: they share the channel only.
 */
public final class HealthClient {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private static final Duration FIRST_RETRY = Duration.ofMillis(500);
  private static final Duration LAST_RETRY = Duration.ofSeconds(30);

  private final Node node;
  private final ManagedChannel channel;
  private final Supplier<String> token;
  private final EventLoopGroup group;
  private final Executor executor;
  private final BooleanSupplier ready;
  private final EndpointProber prober;
  private final HealthLog log = new HealthLog();
  private final SynchronizationContext sync =
      new SynchronizationContext((thread, failure) -> log.bug(failure));
  private final IntervalFunction backOff =
      IntervalFunction.ofExponentialRandomBackoff(FIRST_RETRY, 2, 0.5, LAST_RETRY);

  private @Nullable HealthStream stream;
  private @Nullable Future<?> retryTimer;
  private int failures;
  private volatile boolean closed;

  /**
   * Prepares; nothing is opened before {@link #start}.
   *
   * @param node to be sent verbatim
   * @param channel of ADS; not closed here
   * @param token the value of {@code authorization}, read for every stream; empty: none
   * @param group for timers and the connections of checks
   * @param channelType the group's kind of client socket
   * @param executor for everything else; no event loop of the data path
   * @param ready whether this data plane serves, as Envoy's {@code /ready} says; asked on the
   *     executor
   */
  public HealthClient(
      Node node,
      ManagedChannel channel,
      Supplier<String> token,
      EventLoopGroup group,
      Class<? extends Channel> channelType,
      Executor executor,
      BooleanSupplier ready) {
    this.node = node;
    this.channel = channel;
    this.token = token;
    this.group = group;
    this.executor = executor;
    this.ready = ready;
    this.prober = new EndpointProber(group, channelType);
  }

  public void start() {
    inSync(this::connect);
  }

  /**
   * Reports at once, without waiting for the interval; the readiness of this data plane is asked
   * for anew.
   *
   * @return whether the report was sent: false if the control plane asked for none
   */
  public CompletableFuture<Boolean> reportNow() {
    CompletableFuture<Boolean> sent = new CompletableFuture<>();
    if (!inSync(() -> sent.complete(stream != null && stream.reportNow()))) {
      sent.complete(false);
    }
    return sent;
  }

  /** Ends the stream and the checks. The channel stays open. */
  public void close() {
    closed = true;
    sync.execute(
        () -> {
          cancel(retryTimer);
          if (stream != null) {
            stream.end();
            stream.call.cancel("the data plane stops", null);
            stream = null;
          }
        });
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
    ClientCall<HealthCheckRequestOrEndpointHealthResponse, HealthCheckSpecifier> call =
        channel.newCall(
            HealthDiscoveryServiceGrpc.getStreamHealthCheckMethod(), CallOptions.DEFAULT);
    HealthStream opened = new HealthStream(call);
    stream = opened;
    call.start(opened, headers);
    call.sendMessage(
        HealthCheckRequestOrEndpointHealthResponse.newBuilder()
            .setHealthCheckRequest(
                HealthCheckRequest.newBuilder()
                    .setNode(node)
                    .setCapability(
                        Capability.newBuilder()
                            .addHealthCheckProtocols(Capability.Protocol.HTTP)
                            .addHealthCheckProtocols(Capability.Protocol.TCP)))
            .build());
    call.request(1);
  }

  private void received(HealthStream from, HealthCheckSpecifier specifier) {
    if (from != stream || closed) {
      return;
    }
    failures = 0;
    HealthPlan plan = HealthPlan.of(specifier);
    log.planned(plan);
    from.checks.follow(plan);
    from.call.request(1);
  }

  private void ended(HealthStream from, Status status) {
    if (from != stream || closed) {
      return;
    }
    from.end();
    stream = null;
    if (status.getCode() == Status.Code.UNIMPLEMENTED) {
      log.notServed();
      return;
    }
    lost(
        status.getCode() + (status.getDescription() == null ? "" : ": " + status.getDescription()));
  }

  private void lost(String reason) {
    failures = Math.min(failures + 1, 20);
    long delay = backOff.apply(failures);
    log.lost(reason, delay);
    retryTimer = later(this::connect, Duration.ofMillis(delay));
  }

  /** Timers run on an event loop; what they start does not. */
  private Future<?> later(Runnable task, Duration delay) {
    return group.schedule(() -> inSync(task), delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Leaves event loops alone; false when everything is over. */
  private boolean inSync(Runnable task) {
    if (closed) {
      return false;
    }
    try {
      executor.execute(() -> sync.execute(task));
      return true;
    } catch (RejectedExecutionException e) {
      return false; // the program ends, and its executor went first
    }
  }

  private static void cancel(@Nullable Future<?> timer) {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  /** One stream with the checks that were asked for on it. */
  private final class HealthStream extends ClientCall.Listener<HealthCheckSpecifier> {
    final ClientCall<HealthCheckRequestOrEndpointHealthResponse, HealthCheckSpecifier> call;
    final HealthChecks checks;

    HealthStream(
        ClientCall<HealthCheckRequestOrEndpointHealthResponse, HealthCheckSpecifier> call) {
      this.call = call;
      this.checks =
          new HealthChecks(
              prober, ready, HealthClient.this::later, HealthClient.this::inSync, this::report);
    }

    boolean reportNow() {
      if (!checks.following()) {
        return false;
      }
      checks.askReadiness();
      call.sendMessage(HealthReport.of(checks.all()));
      return true;
    }

    /** A control plane that does not read gets no queue of reports; the next one says it all. */
    private void report() {
      if (this == stream && !closed && call.isReady()) {
        call.sendMessage(HealthReport.of(checks.all()));
      }
    }

    void end() {
      checks.stop();
    }

    @Override
    public void onMessage(HealthCheckSpecifier specifier) {
      sync.execute(() -> received(this, specifier));
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      sync.execute(() -> ended(this, status));
    }
  }
}
