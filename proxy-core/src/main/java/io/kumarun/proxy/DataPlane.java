package io.kumarun.proxy;

import io.kumarun.proxy.cluster.Clusters;
import io.kumarun.proxy.cluster.SocketTypes;
import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.proxy.exchange.ExchangeServices;
import io.kumarun.proxy.listener.Listeners;
import io.kumarun.telemetry.AccessLog;
import io.kumarun.telemetry.ProxyMetrics;
import io.kumarun.tls.TlsContexts;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The data path: serves the configuration it was given last. Clusters are in place before the
 * listeners that use them, and a change drops no connection whose listener or cluster did not
 * materially change (design §4).
 *
 * <p>{@link #apply}, {@link #drainInbound} and {@link #close} may block for the time of a bind;
 * call them from a thread that is no event loop.
 */
public final class DataPlane implements AutoCloseable {
  private final TlsContexts tlsContexts;
  private final Clusters clusters;
  private final Listeners listeners;
  private MeshConfig applied = MeshConfig.EMPTY;

  /**
   * @param loops event loops for connections; they stay the caller's
   * @param drainTime how long connections of replaced filter chains may go on
   */
  public DataPlane(
      EventLoopGroup loops,
      SocketTypes sockets,
      ProxyMetrics metrics,
      AccessLog accessLog,
      InstantSource clock,
      Duration drainTime) {
    this.tlsContexts = new TlsContexts(clock);
    this.clusters = new Clusters(loops, sockets, tlsContexts, metrics, drainTime);
    ExchangeServices services = new ExchangeServices(clusters, accessLog, clock);
    this.listeners =
        new Listeners(loops, sockets, services, tlsContexts, clock, metrics, drainTime);
  }

  /**
   * Takes over a configuration; returns when new connections and requests see it.
   *
   * @return what could not be served, as sentences for an operator; the rest is served
   */
  public synchronized List<String> apply(MeshConfig config) {
    List<String> problems = new ArrayList<>();
    MeshConfig usable = new UsableTls(tlsContexts, applied, problems).of(config);
    problems.addAll(clusters.update(usable.clusters()));
    problems.addAll(listeners.apply(usable.listeners()));
    clusters.retainOnly(usable.clusters().keySet());
    TlsSettings tls = TlsSettings.of(usable);
    tlsContexts.retainOnly(tls.servers(), tls.clients());
    applied = usable;
    return problems;
  }

  /** Listeners, for connections that come in by other ways than sockets. */
  public Listeners listeners() {
    return listeners;
  }

  /** Names of the listeners that have no socket; only handed connections come in through them. */
  public synchronized Set<String> virtualListeners() {
    return listeners.virtual();
  }

  /** Downstream connections that are open. */
  public synchronized int openConnections() {
    return listeners.openConnections();
  }

  /**
   * Asks the connections of inbound listeners to end, those too that still come in: by GOAWAY or
   * {@code connection: close}. Nobody is cut off and no socket closes before {@link #close};
   * outbound listeners serve on undisturbed, for the application may need them to finish its work.
   * Envoy's {@code drain_listeners?inboundonly&graceful&skip_exit}.
   */
  public synchronized void drainInbound() {
    listeners.drainInbound();
  }

  @Override
  public synchronized void close() {
    listeners.closeConnections();
    apply(MeshConfig.EMPTY);
    tlsContexts.close();
  }
}
