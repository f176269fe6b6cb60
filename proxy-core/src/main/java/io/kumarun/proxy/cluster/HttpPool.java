package io.kumarun.proxy.cluster;

import io.kumarun.proxy.config.ClusterConfig;
import io.kumarun.proxy.http.HttpClientConnection;
import io.kumarun.proxy.http.HttpStream;
import io.kumarun.proxy.http.StreamError;
import io.kumarun.proxy.http.h1.Http1ClientConnection;
import io.kumarun.proxy.http.h1.Http1Limits;
import io.kumarun.proxy.http.h2.Http2ClientConnection;
import io.kumarun.proxy.http.h2.Http2Limits;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one event loop to one endpoint. HTTP/1.1 has a connection per request under
 * way, HTTP/2 fills a connection before it opens another, as Envoy's pools do. Limits are the
 * cluster's and count over all loops; a pool may always have one connection, so that a limit slows
 * and never stops a loop (Envoy's rule for per-worker pools).
 */
final class HttpPool implements HttpClientConnection.Listener {
  /** How often idle and over-aged connections are looked for. */
  private static final long SWEEP_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Cluster cluster;
  private final Host host;
  private final UpstreamConnector connector;
  private final EventLoop loop;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

  /** Those that only a connection made from now on may serve; hardly ever any. */
  private final ArrayDeque<Waiting> waitingForFresh = new ArrayDeque<>(1);

  private final ArrayList<Pooled> connections = new ArrayList<>();
  private int connecting;

  /** The connection that was just made, while it is given to those who waited for it. */
  private @Nullable Pooled opening;

  private boolean draining;
  private boolean sweeping;

  HttpPool(Cluster cluster, Host host, UpstreamConnector connector, EventLoop loop) {
    this.cluster = cluster;
    this.host = host;
    this.connector = connector;
    this.loop = loop;
  }

  /**
   * Asks for a stream. The listener may be called before this returns.
   *
   * @return what to cancel while no stream has come; null if the listener was called
   */
  @Nullable Waiting newStream(PoolListener listener) {
    Pooled ready = ready();
    if (ready != null) {
      attach(ready, listener);
      return null;
    }
    if (!cluster.budget().tryAcquirePending()) {
      cluster.metrics().pendingOverflow();
      listener.onPoolFailure(StreamError.OVERFLOW, "too many pending requests");
      return null;
    }
    cluster.metrics().pendingStarted();
    Waiting entry = new Waiting(listener);
    waiting.add(entry);
    connectIfNeeded();
    return entry.listener == null ? null : entry;
  }

  /**
   * As {@link #newStream}, on a connection that has carried no request: a new one, even if others
   * are idle.
   */
  @Nullable Waiting newStreamOnFreshConnection(PoolListener listener) {
    if (!cluster.budget().tryAcquirePending()) {
      cluster.metrics().pendingOverflow();
      listener.onPoolFailure(StreamError.OVERFLOW, "too many pending requests");
      return null;
    }
    cluster.metrics().pendingStarted();
    Waiting entry = new Waiting(listener);
    waitingForFresh.add(entry);
    connectForFresh();
    return entry.listener == null ? null : entry;
  }

  private @Nullable Pooled ready() {
    // Last in, first out: the connection used last is the least likely to be stale.
    for (int i = connections.size() - 1; i >= 0; i--) {
      Pooled candidate = connections.get(i);
      if (!candidate.draining && candidate.connection.availableStreams() > 0) {
        return candidate;
      }
    }
    return null;
  }

  private void attach(Pooled pooled, PoolListener listener) {
    if (!cluster.budget().tryAcquireRequest()) {
      cluster.metrics().pendingOverflow();
      listener.onPoolFailure(StreamError.OVERFLOW, "too many requests");
      return;
    }
    HttpStream stream = pooled.connection.newStream(listener.responseHandler());
    listener.onStream(stream, pooled != opening);
  }

  private void connectIfNeeded() {
    ClusterConfig config = cluster.config();
    boolean multiplexed = config.protocol() == ClusterConfig.Protocol.HTTP2;
    int asking = waiting.size() + waitingForFresh.size();
    int wanted = multiplexed ? Math.min(1, asking) : asking;
    while (connecting < wanted) {
      boolean first = connecting == 0 && !hasUsable();
      if (!cluster.budget().tryAcquireConnection()) {
        if (!first) {
          cluster.metrics().connectionOverflow();
          return;
        }
        cluster.budget().acquireConnectionOverLimit();
      }
      connecting++;
      connector.connect(cluster, host, /* halfClose= */ false, new Connecting());
    }
  }

  /** Whether there is a connection that will take streams again, busy or not. */
  private boolean hasUsable() {
    for (int i = 0; i < connections.size(); i++) {
      if (!connections.get(i).draining) {
        return true;
      }
    }
    return false;
  }

  private void serveWaiting() {
    while (!waiting.isEmpty()) {
      Pooled ready = ready();
      if (ready == null) {
        connectIfNeeded();
        break;
      }
      PoolListener listener = next(waiting);
      if (listener != null) {
        attach(ready, listener);
      }
    }
    if (!waitingForFresh.isEmpty()) {
      connectForFresh();
    }
  }

  /** A connection that becomes idle is of no use to these: without room for a new one they fail. */
  private void connectForFresh() {
    connectIfNeeded();
    while (connecting == 0 && !waitingForFresh.isEmpty()) {
      PoolListener listener = next(waitingForFresh);
      if (listener != null) {
        listener.onPoolFailure(StreamError.OVERFLOW, "too many connections");
      }
    }
  }

  private void open(HttpClientConnection connection) {
    Pooled pooled = new Pooled(connection);
    connections.add(pooled);
    opening = pooled;
    while (!waitingForFresh.isEmpty() && connection.availableStreams() > 0) {
      PoolListener listener = next(waitingForFresh);
      if (listener != null) {
        attach(pooled, listener);
      }
    }
    serveWaiting();
    opening = null;
  }

  private @Nullable PoolListener nextOfAny() {
    return next(waiting.isEmpty() ? waitingForFresh : waiting);
  }

  private @Nullable PoolListener next(ArrayDeque<Waiting> queue) {
    Waiting entry = queue.poll();
    if (entry == null) {
      return null;
    }
    PoolListener listener = entry.listener;
    entry.listener = null;
    if (listener != null) {
      cluster.budget().releasePending();
      cluster.metrics().pendingEnded();
    }
    return listener;
  }

  /** Takes no new connections; the existing ones close once their streams have ended. */
  void drain() {
    draining = true;
    for (Pooled pooled : List.copyOf(connections)) {
      pooled.connection.drain();
    }
  }

  /** Whether nothing is left. */
  boolean isEmpty() {
    return connections.isEmpty()
        && connecting == 0
        && waiting.isEmpty()
        && waitingForFresh.isEmpty();
  }

  @Override
  public void onStreamsAvailable(HttpClientConnection connection) {
    Pooled pooled = find(connection);
    if (pooled != null && connection.activeStreams() == 0) {
      pooled.idleSinceNanos = System.nanoTime();
      if (draining) {
        connection.drain();
        return;
      }
      sweepLater();
    }
    serveWaiting();
  }

  @Override
  public void onDraining(HttpClientConnection connection) {
    Pooled pooled = find(connection);
    if (pooled != null) {
      pooled.draining = true;
    }
  }

  @Override
  public void onClosed(HttpClientConnection connection) {
    Pooled pooled = find(connection);
    if (pooled == null) {
      return;
    }
    connections.remove(pooled);
    cluster.budget().releaseConnection();
    serveWaiting();
  }

  private @Nullable Pooled find(HttpClientConnection connection) {
    for (Pooled pooled : connections) {
      if (pooled.connection == connection) {
        return pooled;
      }
    }
    return null;
  }

  private void sweepLater() {
    ClusterConfig config = cluster.config();
    if (sweeping
        || (config.idleTimeout().isZero() && config.maxConnectionDuration().isZero())
        || connections.isEmpty()) {
      return;
    }
    sweeping = true;
    long interval = SWEEP_INTERVAL_NANOS;
    if (!config.idleTimeout().isZero()) {
      interval = Math.min(interval, Math.max(config.idleTimeout().toNanos(), 1_000_000));
    }
    loop.schedule(this::sweep, interval, TimeUnit.NANOSECONDS);
  }

  private void sweep() {
    sweeping = false;
    long now = System.nanoTime();
    long idle = cluster.config().idleTimeout().toNanos();
    long age = cluster.config().maxConnectionDuration().toNanos();
    for (Pooled pooled : List.copyOf(connections)) {
      boolean tooOld = age > 0 && now - pooled.createdNanos >= age;
      boolean tooIdle =
          idle > 0 && pooled.connection.activeStreams() == 0 && now - pooled.idleSinceNanos >= idle;
      if (tooIdle) {
        cluster.metrics().connectionIdleTimeout();
      }
      if (tooOld || tooIdle) {
        pooled.draining = true;
        pooled.connection.drain();
      }
    }
    sweepLater();
  }

  /** A request without a stream yet. */
  final class Waiting {
    private @Nullable PoolListener listener;

    Waiting(PoolListener listener) {
      this.listener = listener;
    }

    /** Gives up waiting; the listener hears nothing. */
    void cancel() {
      if (listener != null) {
        listener = null;
        if (!waiting.remove(this)) {
          waitingForFresh.remove(this);
        }
        cluster.budget().releasePending();
        cluster.metrics().pendingEnded();
      }
    }
  }

  private static final class Pooled {
    final HttpClientConnection connection;
    final long createdNanos = System.nanoTime();
    long idleSinceNanos = createdNanos;
    boolean draining;

    Pooled(HttpClientConnection connection) {
      this.connection = connection;
    }
  }

  private final class Connecting implements ConnectListener {
    @Override
    public void onConnected(Channel channel) {
      connecting--;
      HttpClientConnection connection =
          switch (cluster.config().protocol()) {
            case HTTP1 -> {
              Http1ClientConnection h1 =
                  new Http1ClientConnection(HttpPool.this, Http1Limits.DEFAULT);
              channel.pipeline().addLast(h1);
              yield h1;
            }
            case HTTP2 -> {
              Http2ClientConnection h2 =
                  Http2ClientConnection.create(HttpPool.this, Http2Limits.DEFAULT);
              channel.pipeline().addLast(h2);
              yield h2;
            }
          };
      open(connection);
      if (draining) {
        connection.drain();
      } else {
        sweepLater();
      }
    }

    @Override
    public void onConnectFailed(StreamError error, String detail) {
      connecting--;
      cluster.budget().releaseConnection();
      if (connecting > 0) {
        // Another attempt may still serve those who wait: fail one of them for this one.
        PoolListener listener = nextOfAny();
        if (listener != null) {
          listener.onPoolFailure(error, detail);
        }
        return;
      }
      // Nobody is left to serve them (Envoy purges its pending streams likewise).
      for (int left = waiting.size() + waitingForFresh.size(); left > 0; left--) {
        PoolListener listener = nextOfAny();
        if (listener != null) {
          listener.onPoolFailure(error, detail);
        }
      }
    }
  }
}
