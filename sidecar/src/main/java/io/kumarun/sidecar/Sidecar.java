package io.kumarun.sidecar;

import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.sidecar.settings.InvalidSettingsException;
import io.kumarun.sidecar.settings.Settings;
import io.kumarun.sidecar.settings.StartupException;
import io.kumarun.telemetry.AccessLog;
import io.kumarun.telemetry.AccessLogWriter;
import io.kumarun.telemetry.ProxyMetrics;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One sidecar: puts the parts together, and leads them from start to end. Several may live in one
 * process. Any thread.
 *
 * <pre>
 *   NOT_READY ── a complete configuration in use ──▶ READY ── drain ──▶ TERMINATING ── close ──▶ (gone)
 *       └─────────────────────────── drain ─────────────────────────────▲
 * </pre>
 */
public final class Sidecar implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sidecar.class);

  /** Time for the control plane to take this endpoint from peers, and for them to apply that. */
  private static final Duration NOTICE = Duration.ofSeconds(3);

  private final Settings settings;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final CompletableFuture<String> refused = new CompletableFuture<>();

  /** What is open, the latest first: closed in that order. */
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  private volatile Readiness readiness = Readiness.NOT_READY;

  private final long startedNanos = System.nanoTime();
  private final ProxyMetrics metrics = new ProxyMetrics();
  private final AdminServer admin;
  private final TrafficPath traffic;
  private final MeshSession session;

  /** What could not be served last time; said again only when it changes. */
  private List<String> reported = List.of();

  private Sidecar(Settings settings, SidecarParts parts) {
    this.settings = settings;
    try {
      addProcessMetrics();
      AccessLog accessLog = openAccessLog();
      Transport transport = opened(Transport.open(settings.transport(), settings.eventLoops()));
      traffic = opened(parts.trafficPath(settings, transport, metrics, accessLog));
      session = opened(parts.meshSession(settings, transport, new FromMesh()));
      // Last, so that a probe never sees half a sidecar.
      admin = opened(new AdminServer(settings.readinessPort(), this::readiness, metrics));
      LOG.info(
          "Starting with {} event loops on {}; joining the mesh through {}",
          settings.eventLoops(),
          transport.kind(),
          settings.controlPlaneUrl());
      session.start();
    } catch (RuntimeException e) {
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
    return readiness() == Readiness.READY;
  }

  /**
   * Starts a sidecar; it becomes ready later.
   *
   * @throws StartupException if something that an operator can change is in the way
   */
  static Sidecar start(Settings settings, SidecarParts parts) {
    return new Sidecar(settings, parts);
  }

  /** READY once a complete configuration is in use; found out when it is asked for. */
  Readiness readiness() {
    if (readiness == Readiness.NOT_READY && session.complete()) {
      becomeReady();
    }
    return readiness;
  }

  public ProxyMetrics metrics() {
    return metrics;
  }

  /** Where {@code /ready} and {@code /metrics} are. */
  public int adminPort() {
    return admin.port();
  }

  /** Completes, with a sentence for the operator, if the control plane refuses this Dataplane. */
  public CompletableFuture<String> refused() {
    return refused;
  }

  /**
   * Ends in good order: not ready any more, and the control plane is told; where it passes that on,
   * listeners stay open until peers have heard of it (half of the drain time at most); then
   * connections may finish for the rest of the drain time; then {@link #close}. Blocks.
   */
  public void drainAndClose() {
    if (becomeTerminating()) {
      LOG.info(
          "Serving for another {} s, while peers learn that this sidecar leaves",
          settings.drainTime().toSeconds());
      traffic.drain(settings.drainTime().minus(givenNotice()));
    }
    close();
  }

  /** Lets peers turn away before the listeners close; says how long that took. */
  private Duration givenNotice() {
    if (!session.reportUnready()) {
      return Duration.ZERO;
    }
    Duration half = settings.drainTime().dividedBy(2);
    Duration notice = half.compareTo(NOTICE) < 0 ? half : NOTICE;
    LOG.info("Peers are told; listeners close in {} ms", notice.toMillis());
    try {
      Thread.sleep(notice);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return notice;
  }

  /** Closes everything at once. May be called again. */
  @Override
  public void close() {
    becomeTerminating();
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

  private synchronized void becomeReady() {
    if (readiness == Readiness.NOT_READY) {
      readiness = Readiness.READY;
      LOG.info(
          "Ready after {} ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos));
    }
  }

  private synchronized boolean becomeTerminating() {
    boolean changes = readiness != Readiness.TERMINATING;
    readiness = Readiness.TERMINATING;
    return changes;
  }

  private AccessLog openAccessLog() {
    if (settings.accessLogIsOff()) {
      return AccessLog.NONE;
    }
    AccessLogWriter writer = AccessLogs.open(settings.accessLog(), metrics);
    return opened(writer);
  }

  private void addProcessMetrics() {
    metrics.gauge("server_live", () -> readiness() == Readiness.READY ? 1 : 0);
    metrics.gauge(
        "server_uptime", () -> TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startedNanos));
    metrics.gauge("control_plane_connected_state", () -> session.connected() ? 1 : 0);
    metrics.gauge("server_concurrency", settings::eventLoops);
    metrics.gauge(
        "server_memory_allocated",
        () -> ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
  }

  private <T extends AutoCloseable> T opened(T part) {
    open.push(part);
    return part;
  }

  private final class FromMesh implements MeshSession.Receiver {

    @Override
    public void onConfig(MeshConfig config) {
      List<String> problems = traffic.apply(config);
      if (!problems.equals(reported)) {
        problems.forEach(LOG::warn);
        reported = List.copyOf(problems);
      }
      LOG.debug(
          "In use: {} listeners, {} clusters", config.listeners().size(), config.clusters().size());
    }

    @Override
    public boolean ready() {
      return isReady();
    }

    @Override
    public void onRefused(String sentence) {
      refused.complete(sentence);
    }
  }
}
