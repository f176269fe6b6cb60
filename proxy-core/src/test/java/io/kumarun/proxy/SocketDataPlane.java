package io.kumarun.proxy;

import io.kumarun.proxy.cluster.SocketTypes;
import io.kumarun.telemetry.AccessLog;
import io.kumarun.telemetry.ProxyMetrics;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.time.Duration;
import java.time.InstantSource;

/** The data path over real sockets, as tests make it. */
final class SocketDataPlane {
  private SocketDataPlane() {}

  /**
   * @param loops of NIO
   */
  static DataPlane on(
      EventLoopGroup loops, ProxyMetrics metrics, AccessLog log, Duration drainTime) {
    return new DataPlane(
        loops,
        new SocketTypes(
            NioServerSocketChannel::new, NioSocketChannel::new, NioDomainSocketChannel::new),
        metrics,
        log,
        InstantSource.system(),
        drainTime);
  }
}
