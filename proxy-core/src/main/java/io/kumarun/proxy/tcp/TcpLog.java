package io.kumarun.proxy.tcp;

import io.kumarun.proxy.exchange.DownstreamPeer;
import io.kumarun.telemetry.LoggedRequest;
import io.kumarun.telemetry.ResponseFlag;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A TCP connection as the access log sees it. Event loop only. */
public final class TcpLog implements LoggedRequest {
  private final long startMillis;
  private final long startNanos = System.nanoTime();
  private final DownstreamPeer peer;
  private final EnumSet<ResponseFlag> flags = EnumSet.noneOf(ResponseFlag.class);
  private @Nullable String cluster;
  private @Nullable String host;
  private @Nullable String details;
  private long received;
  private long sent;
  private long durationMillis;

  public TcpLog(long startMillis, DownstreamPeer peer) {
    this.startMillis = startMillis;
    this.peer = peer;
  }

  void cluster(String name) {
    cluster = name;
  }

  void host(String name) {
    host = name;
  }

  /** Why the connection went no further. */
  public void details(String text) {
    details = text;
  }

  void flag(ResponseFlag flag) {
    flags.add(flag);
  }

  void received(int bytes) {
    received += bytes;
  }

  void sent(int bytes) {
    sent += bytes;
  }

  void end() {
    durationMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
  }

  @Override
  public long startTimeEpochMillis() {
    return startMillis;
  }

  @Override
  public long durationMillis() {
    return durationMillis;
  }

  @Override
  public int responseCode() {
    return 0;
  }

  @Override
  public Set<ResponseFlag> responseFlags() {
    return flags;
  }

  @Override
  public @Nullable String responseCodeDetails() {
    return details;
  }

  @Override
  public long bytesReceived() {
    return received;
  }

  @Override
  public long bytesSent() {
    return sent;
  }

  @Override
  public @Nullable String upstreamHost() {
    return host;
  }

  @Override
  public @Nullable String upstreamCluster() {
    return cluster;
  }

  @Override
  public @Nullable String downstreamPeerUriSan() {
    var identity = peer.identity();
    return identity == null ? null : identity.spiffeId();
  }
}
