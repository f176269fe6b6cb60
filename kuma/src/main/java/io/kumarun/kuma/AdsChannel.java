package io.kumarun.kuma;

import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** The gRPC channel to the control plane, for ADS and HDS. Brings no thread of its own. */
final class AdsChannel {
  /** A control plane sends all clusters of a large mesh in one message; gRPC's default is 4 MiB. */
  static final int MAX_MESSAGE_BYTES = 256 << 20;

  /** More often than every 15 s is punished (contract §2.1). */
  private static final int KEEPALIVE_SECONDS = 30;

  private AdsChannel() {}

  /**
   * Opens lazily: nothing is sent until the first call.
   *
   * @param executor for callbacks and name resolution
   * @throws IllegalStateException TLS cannot be set up
   */
  static ManagedChannel open(
      Bootstrap bootstrap,
      EventLoopGroup group,
      Class<? extends Channel> channelType,
      Executor executor) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(bootstrap.adsHost(), bootstrap.adsPort())
            .eventLoopGroup(group)
            .channelType(channelType)
            .executor(executor)
            .offloadExecutor(executor)
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(10, TimeUnit.SECONDS)
            .disableRetry();
    if (!bootstrap.adsTls()) {
      return builder.negotiationType(NegotiationType.PLAINTEXT).build();
    }
    List<String> names =
        bootstrap.acceptedNames().isEmpty()
            ? List.of(bootstrap.adsHost())
            : bootstrap.acceptedNames();
    try {
      return builder
          .negotiationType(NegotiationType.TLS)
          .sslContext(
              GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.OPENSSL)
                  .protocols("TLSv1.3", "TLSv1.2")
                  .trustManager(
                      new ControlPlaneTrust(bootstrap.authorities(), names, InstantSource.system()))
                  .build())
          .build();
    } catch (SSLException | IllegalArgumentException e) {
      throw new IllegalStateException(
          "TLS to the control plane cannot be set up: " + e.getMessage(), e);
    }
  }
}
