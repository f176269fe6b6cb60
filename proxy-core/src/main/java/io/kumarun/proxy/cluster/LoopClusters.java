package io.kumarun.proxy.cluster;

import io.kumarun.proxy.http.StreamError;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The upstream side of one event loop: balancers and pools of the clusters it has used. */
public final class LoopClusters {
  private final EventLoop loop;
  private final int index;
  private final UpstreamConnector connector;
  private final Map<Cluster, Used> used = new IdentityHashMap<>();

  LoopClusters(EventLoop loop, int index, UpstreamConnector connector) {
    this.loop = loop;
    this.index = index;
    this.connector = connector;
  }

  public EventLoop loop() {
    return loop;
  }

  /** The endpoint whose turn it is, or null if the cluster has none. Event loop only. */
  public @Nullable Host pick(Cluster cluster) {
    return used(cluster).balancer.pick(cluster.hosts());
  }

  /**
   * Asks for an HTTP stream to an endpoint; the listener may be called before this returns. Event
   * loop only.
   *
   * @return what to cancel while no stream has come; null if the listener was called
   */
  public @Nullable StreamWait newStream(Cluster cluster, Host host, PoolListener listener) {
    HttpPool.Waiting waiting = pool(cluster, host).newStream(listener);
    return waiting == null ? null : waiting::cancel;
  }

  /**
   * As {@link #newStream}, on a connection that is made now. Where the cluster's limits leave no
   * room for one the listener hears {@link StreamError#OVERFLOW}. Event loop only.
   */
  public @Nullable StreamWait newStreamOnFreshConnection(
      Cluster cluster, Host host, PoolListener listener) {
    HttpPool.Waiting waiting = pool(cluster, host).newStreamOnFreshConnection(listener);
    return waiting == null ? null : waiting::cancel;
  }

  private HttpPool pool(Cluster cluster, Host host) {
    Used state = used(cluster);
    HttpPool pool = state.pools.get(host);
    if (pool == null) {
      pool = new HttpPool(cluster, host, connector, loop);
      if (cluster.isGone() || !cluster.hosts().all().contains(host)) {
        // Somebody still holds what the configuration lost: served, and closed afterwards.
        pool.drain();
      } else {
        state.pools.put(host, pool);
      }
    }
    return pool;
  }

  /** A connection of one's own to an endpoint, within the cluster's limits. Event loop only. */
  public void connect(Cluster cluster, Host host, ConnectListener listener) {
    if (!cluster.budget().tryAcquireConnection()) {
      cluster.metrics().connectionOverflow();
      listener.onConnectFailed(StreamError.OVERFLOW, "too many connections");
      return;
    }
    connector.connect(cluster, host, /* halfClose= */ true, new OwnConnection(cluster, listener));
  }

  /** Drains what the cluster no longer has. Event loop only. */
  void hostsChanged(Cluster cluster) {
    Used state = used.get(cluster);
    if (state == null) {
      return;
    }
    Set<Host> current = new HashSet<>(cluster.hosts().all());
    for (Iterator<Map.Entry<Host, HttpPool>> it = state.pools.entrySet().iterator();
        it.hasNext(); ) {
      Map.Entry<Host, HttpPool> entry = it.next();
      if (!current.contains(entry.getKey())) {
        entry.getValue().drain();
        it.remove();
      }
    }
  }

  /** Drains a cluster that is gone. Event loop only. */
  void removed(Cluster cluster) {
    cluster.markGone();
    Used state = used.remove(cluster);
    if (state != null) {
      List<HttpPool> pools = new ArrayList<>(state.pools.values());
      pools.forEach(HttpPool::drain);
    }
  }

  private Used used(Cluster cluster) {
    Used state = used.get(cluster);
    if (state == null) {
      state = new Used(new RoundRobin(index));
      if (!cluster.isGone()) {
        used.put(cluster, state);
      }
    }
    return state;
  }

  private static final class Used {
    final RoundRobin balancer;
    final Map<Host, HttpPool> pools = new IdentityHashMap<>();

    Used(RoundRobin balancer) {
      this.balancer = balancer;
    }
  }

  /** Gives up waiting for a stream; nothing is heard afterwards. */
  public interface StreamWait {
    void cancel();
  }

  private record OwnConnection(Cluster cluster, ConnectListener listener)
      implements ConnectListener {
    @Override
    public void onConnected(io.netty.channel.Channel channel) {
      channel
          .closeFuture()
          .addListener(
              closed -> {
                cluster.budget().releaseConnection();
              });
      listener.onConnected(channel);
    }

    @Override
    public void onConnectFailed(StreamError error, String detail) {
      cluster.budget().releaseConnection();
      listener.onConnectFailed(error, detail);
    }
  }
}
