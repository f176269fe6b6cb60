package io.kumarun.kuma;

import io.grpc.ManagedChannel;
import io.kumarun.proxy.config.MeshConfig;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Joins the mesh and stays in it: bootstrap, then one ADS stream after another. Any thread.
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
  private final Object lock = new Object();

  private @Nullable CompletableFuture<Bootstrap> fetching;
  private @Nullable CompletableFuture<Bootstrap> joining;
  private @Nullable AdsClient ads;
  private boolean stopped;

  /**
   * @param group for the connections and timers; also the data path's may be given
   * @param channelType the group's kind of client socket
   * @param executor where responses are translated: not an event loop of the data path
   * @param onConfig takes each new configuration
   */
  public KumaClient(
      KumaSettings settings,
      EventLoopGroup group,
      Class<? extends Channel> channelType,
      Executor executor,
      Consumer<MeshConfig> onConfig) {
    this.settings = settings;
    this.group = group;
    this.channelType = channelType;
    this.executor = executor;
    this.onConfig = onConfig;
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
        fetching = BootstrapClient.fetch(settings, group, channelType);
        joining = fetching.thenApplyAsync(this::join, executor);
      }
      return joining;
    }
  }

  private Bootstrap join(Bootstrap bootstrap) {
    synchronized (lock) {
      if (!stopped) {
        ManagedChannel channel = AdsChannel.open(bootstrap, group, channelType, executor);
        ads =
            new AdsClient(
                bootstrap,
                channel,
                settings.token(),
                group,
                executor,
                AdsClient.PATIENCE,
                onConfig);
        ads.start();
      }
    }
    return bootstrap;
  }

  /** Leaves: ends the stream, and publishes nothing any more. */
  public void stop() {
    synchronized (lock) {
      stopped = true;
      if (fetching != null) {
        fetching.cancel(false);
      }
      if (ads != null) {
        ads.close();
      }
    }
  }

  public KumaState state() {
    synchronized (lock) {
      return ads == null ? KumaState.STARTING : ads.state();
    }
  }
}
