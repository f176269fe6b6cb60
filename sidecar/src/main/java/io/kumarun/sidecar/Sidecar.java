package io.kumarun.sidecar;

import io.kumarun.proxy.config.Address;
import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.sidecar.admin.ServerState;
import io.kumarun.sidecar.admin.TrafficStatus;
import io.kumarun.sidecar.settings.InvalidSettingsException;
import io.kumarun.sidecar.settings.Settings;
import io.kumarun.sidecar.settings.StartupException;
import io.kumarun.telemetry.AccessLog;
import io.kumarun.telemetry.AccessLogWriter;
import io.kumarun.telemetry.ProxyMetrics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One sidecar: puts the parts together, and leads them from start to end. Several may live in one
 * process. Any thread.
 *
 * <pre>
 *   INITIALIZING ── a complete configuration in use ──▶ LIVE ── drain ──▶ DRAINING ── close ──▶ (gone)
 *        └─────────────────────────── drain ───────────────────────────────▲
 * </pre>
 */
public final class Sidecar implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sidecar.class);

  /** Time for the control plane to take this endpoint from peers, and for them to apply that. */
  private static final Duration NOTICE = Duration.ofSeconds(3);

  private final Settings settings;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicBoolean inboundDrains = new AtomicBoolean();

  /** Open once nobody wants to wait any longer for the drain time to pass. */
  private final CountDownLatch noMoreDraining = new CountDownLatch(1);

  private final CompletableFuture<String> refused = new CompletableFuture<>();

  /** What is open, the latest first: closed in that order. */
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  private volatile ServerState state = ServerState.INITIALIZING;
  private volatile boolean serving;
  private volatile TrafficStatus status = TrafficStatus.NONE;

  private final long startedNanos = System.nanoTime();
  private final ProxyMetrics metrics = new ProxyMetrics();
  private final AdminInterface admin;
  private final int adminPort;
  private final TrafficPath traffic;
  private final MeshSession session;

  private Sidecar(Settings settings, SidecarParts parts) {
    this.settings = settings;
    try {
      AccessLog accessLog = openAccessLog();
      Transport transport = opened(Transport.open(settings.transport(), settings.eventLoops()));
      traffic = opened(parts.trafficPath(settings, transport, metrics, accessLog));
      session = opened(parts.meshSession(settings, transport, metrics, new FromMesh()));
      // Last, so that a probe never sees half a sidecar.
      SidecarFacts facts =
          new SidecarFacts(
              this::state, () -> status, session, metrics, settings.eventLoops(), startedNanos);
      facts.addTo(metrics);
      admin = opened(new AdminInterface(facts));
      adminPort = admin.listenForProbes(settings.readinessPort());
      LOG.info(
          "Starting with {} event loops on {}; joining the mesh through {}",
          settings.eventLoops(),
          transport.kind(),
          settings.controlPlaneUrl());
      session.start();
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /**
   * Starts a sidecar in this process; it becomes ready later.
   *
   * @param environment the settings, by the names of the environment variables
   * @throws StartupException if something that an operator can change is in the way
   * @throws InvalidSettingsException if a setting is wrong; the message names every wrong one
   */
  public static Sidecar start(Map<String, String> environment) {
    return start(Settings.from(environment), new ProductionParts());
  }

  /** Whether a complete configuration is in use, and the end has not begun. */
  public boolean isReady() {
    return state() == ServerState.LIVE;
  }

  /**
   * Starts a sidecar; it becomes ready later.
   *
   * @throws StartupException if something that an operator can change is in the way
   */
  static Sidecar start(Settings settings, SidecarParts parts) {
    return new Sidecar(settings, parts);
  }

  /** LIVE once a complete configuration is in use; found out when it is asked for. */
  ServerState state() {
    if (state == ServerState.INITIALIZING && session.state().ready()) {
      becomeLive();
    }
    return state;
  }

  public ProxyMetrics metrics() {
    return metrics;
  }

  /** Where {@code /ready} and {@code /metrics} are. */
  public int adminPort() {
    return adminPort;
  }

  /** Completes, with a sentence for the operator, if the control plane refuses this Dataplane. */
  public CompletableFuture<String> refused() {
    return refused;
  }

  /**
   * Ends in good order: not ready any more, and the control plane is told, so that this endpoint
   * leaves its peers; a little later, when they have turned away, inbound connections are asked to
   * end. Everything serves to the end of the drain time, outbound undisturbed; then {@link #close}.
   * Blocks, as kuma-dp does for all of the drain time, even if nothing is in flight: a peer that
   * has not heard yet still sends requests, and the application may still do. There is nothing to
   * wait for if nothing was ever served, or after {@link #drainInbound}.
   */
  public void drainAndClose() {
    if (becomeDraining() && serving && !inboundDrains.get()) {
      long end = System.nanoTime() + settings.drainTime().toNanos();
      LOG.info("Serving on for {} ms, while peers turn away", settings.drainTime().toMillis());
      if (session.reportUnready()) {
        Duration half = settings.drainTime().dividedBy(2);
        awaitEndOfDraining(half.compareTo(NOTICE) < 0 ? half : NOTICE);
      }
      traffic.drainInbound();
      LOG.info("Inbound connections are asked to end");
      awaitEndOfDraining(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
    }
    close();
  }

  /** Ends the waiting in {@link #drainAndClose}. */
  void cutDrainingShort() {
    noMoreDraining.countDown();
  }

  /**
   * Asks inbound connections to end, and stays; outbound serves on. A later {@link #drainAndClose}
   * does not wait. What SIGUSR2 is to kuma-dp.
   */
  void drainInbound() {
    if (state != ServerState.DRAINING && inboundDrains.compareAndSet(false, true)) {
      LOG.info("Inbound connections are asked to end; this sidecar stays until it is told to end");
      traffic.drainInbound();
    }
  }

  private void awaitEndOfDraining(Duration patience) {
    try {
      if (noMoreDraining.await(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        LOG.debug("The drain was cut short");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Closes everything at once. May be called again. */
  @Override
  public void close() {
    becomeDraining();
    cutDrainingShort();
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    while (!open.isEmpty()) {
      AutoCloseable part = open.pop();
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("Closing {} failed: {}", part.getClass().getSimpleName(), e.toString());
      }
    }
  }

  private synchronized void becomeLive() {
    if (state == ServerState.INITIALIZING) {
      state = ServerState.LIVE;
      LOG.info(
          "Ready after {} ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos));
    }
  }

  private synchronized boolean becomeDraining() {
    boolean changes = state != ServerState.DRAINING;
    state = ServerState.DRAINING;
    return changes;
  }

  private AccessLog openAccessLog() {
    if (settings.accessLogIsOff()) {
      return AccessLog.NONE;
    }
    AccessLogWriter writer = AccessLogs.open(settings.accessLog(), metrics);
    return opened(writer);
  }

  private <T extends AutoCloseable> T opened(T part) {
    open.push(part);
    return part;
  }

  private final class FromMesh implements MeshSession.Receiver {

    @Override
    public void onConfig(MeshConfig config) {
      serving = true;
      TrafficStatus now = traffic.apply(config);
      if (!now.problems().equals(status.problems())) {
        now.problems().forEach(LOG::warn);
      }
      status = now;
      LOG.debug(
          "In use: {} listeners, {} clusters", config.listeners().size(), config.clusters().size());
    }

    @Override
    public boolean ready() {
      return isReady();
    }

    @Override
    public void onAdminAddress(Address address) {
      admin.listenForControlPlane(address);
    }

    @Override
    public void onRefused(String sentence) {
      refused.complete(sentence);
    }
  }
}
