package io.kumarun.kuma;

import io.grpc.ManagedChannel;
import io.kumarun.kuma.health.HealthClient;
import io.kumarun.kuma.inspect.Inventory;
import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.telemetry.ControlPlaneMetrics;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Joins the mesh and stays in it: bootstrap, then one ADS stream after another, and beside it HDS
 * if the bootstrap asks for health reports. Where the way to the control plane has changed, it
 * bootstraps again, and serves on meanwhile. Any thread.
 *
 * <p>Configurations are published one after the other, on a thread of {@code executor}; whoever
 * takes one must not block for long, because the stream waits meanwhile.
 */
public final class KumaClient {
  private final KumaSettings settings;
  private final EventLoopGroup group;
  private final Class<? extends Channel> channelType;
  private final Executor executor;
  private final Consumer<MeshConfig> onConfig;
  private final BooleanSupplier ready;
  private final ControlPlaneMetrics metrics;
  private final Object lock = new Object();

  private @Nullable CompletableFuture<Bootstrap> fetching;
  private @Nullable CompletableFuture<Bootstrap> joining;
  private volatile @Nullable AdsClient ads;
  private @Nullable HealthClient health;
  private boolean stopped;
  private volatile KumaState beforeAds = KumaState.STARTING;

  /**
   * @param group for the connections and timers; also the data path's may be given
   * @param channelType the group's kind of client socket
   * @param executor where responses are translated: not an event loop of the data path
   * @param onConfig takes each new configuration
   * @param ready whether this data plane serves; asked on the executor, for health reports
   */
  public KumaClient(
      KumaSettings settings,
      EventLoopGroup group,
      Class<? extends Channel> channelType,
      Executor executor,
      Consumer<MeshConfig> onConfig,
      BooleanSupplier ready,
      ControlPlaneMetrics metrics) {
    this.settings = settings;
    this.group = group;
    this.channelType = channelType;
    this.executor = executor;
    this.onConfig = onConfig;
    this.ready = ready;
    this.metrics = metrics;
  }

  /**
   * Starts to join.
   *
   * @return the bootstrap once the control plane gave it, and the stream is being opened; fails
   *     with {@link BootstrapException} when the control plane refuses or stays unreachable
   * @throws IllegalArgumentException the settings' authorities hold no certificate
   */
  public CompletableFuture<Bootstrap> start() {
    synchronized (lock) {
      if (joining == null) {
        fetching =
            BootstrapClient.fetch(
                settings,
                group,
                channelType,
                executor,
                problem -> beforeAds = KumaState.STARTING.waitingFor(List.of(problem)));
        joining = fetching.thenApplyAsync(this::join, executor);
      }
      return joining;
    }
  }

  private Bootstrap join(Bootstrap bootstrap) {
    synchronized (lock) {
      if (!stopped) {
        AdsClient streaming =
            new AdsClient(
                link(bootstrap),
                this::rejoin,
                settings.token(),
                group,
                executor,
                AdsClient.Patience.DEFAULT,
                onConfig,
                metrics);
        ads = streaming;
        streaming.start();
      }
    }
    return bootstrap;
  }

  /** Under the lock: opens a channel, and HDS on it in place of the one before. */
  private ControlPlaneLink link(Bootstrap bootstrap) {
    ManagedChannel channel = AdsChannel.open(bootstrap, group, channelType, executor);
    if (health != null) {
      health.close();
      health = null;
    }
    if (bootstrap.healthDiscovery()) {
      health =
          new HealthClient(
              bootstrap.node(), channel, settings.token(), group, channelType, executor, ready);
      health.start();
    }
    return new ControlPlaneLink(bootstrap, channel);
  }

  /** Asks for another bootstrap, once. What is served stays. */
  private CompletableFuture<ControlPlaneLink> rejoin() {
    synchronized (lock) {
      if (stopped) {
        return CompletableFuture.failedFuture(new CancellationException("stopped"));
      }
      try {
        fetching = BootstrapClient.fetchOnce(settings, group, channelType, executor);
      } catch (RuntimeException e) {
        return CompletableFuture.failedFuture(e);
      }
      return fetching.thenApplyAsync(this::linkAgain, executor);
    }
  }

  private ControlPlaneLink linkAgain(Bootstrap bootstrap) {
    synchronized (lock) {
      if (stopped) {
        throw new CancellationException("stopped");
      }
      return link(bootstrap);
    }
  }

  /**
   * Reports the health of this data plane at once, so that the control plane tells its peers.
   *
   * @return whether a report was sent; false if the control plane wants none
   */
  public CompletableFuture<Boolean> reportHealthNow() {
    synchronized (lock) {
      return health == null ? CompletableFuture.completedFuture(false) : health.reportNow();
    }
  }

  /**
   * Leaves: ends the stream, and publishes nothing any more but what the executor is publishing at
   * this moment.
   */
  public void stop() {
    synchronized (lock) {
      stopped = true;
      if (fetching != null) {
        fetching.cancel(false);
      }
      if (health != null) {
        health.close(); // first: it uses the channel that ADS closes
      }
      AdsClient streaming = ads;
      if (streaming != null) {
        streaming.close();
      }
    }
  }

  /**
   * What the control plane has sent, and what became of it, at this moment; for pages, not for
   * deciding anything.
   */
  public CompletableFuture<Inventory> inventory() {
    AdsClient streaming = ads;
    try {
      return streaming == null
          ? CompletableFuture.completedFuture(Inventory.EMPTY)
          : streaming.inventory();
    } catch (RejectedExecutionException e) {
      return CompletableFuture.completedFuture(Inventory.EMPTY);
    }
  }

  /** Never blocks: event loops may ask. */
  public KumaState state() {
    AdsClient streaming = ads;
    return streaming == null ? beforeAds : streaming.state();
  }
}
