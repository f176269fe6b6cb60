package io.kumarun.kuma;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the control plane for the bootstrap (contract §1.2), again and again until it lets this data
 * plane in, refuses it for good, or the time is over. On the event loop it was given; nothing
 * blocks.
 */
final class BootstrapClient {
  private static final Logger LOG = LoggerFactory.getLogger(BootstrapClient.class);
  private static final int TIMEOUT_SECONDS = 10;

  /** An answer is some 10 KiB; its largest part is the Dataplane resource that was sent. */
  private static final int MAX_RESPONSE_BYTES = 16 << 20;

  private final KumaSettings settings;
  private final EventLoop loop;
  private final Class<? extends Channel> channelType;
  private final @Nullable SslContext tls;
  private final long deadline;
  private final CompletableFuture<io.kumarun.kuma.Bootstrap> result = new CompletableFuture<>();
  private String lastFailure = "";

  private BootstrapClient(
      KumaSettings settings, EventLoopGroup group, Class<? extends Channel> channelType) {
    this.settings = settings;
    this.loop = group.next();
    this.channelType = channelType;
    this.tls = settings.secure() ? tls(settings) : null;
    this.deadline = System.nanoTime() + settings.retryFor().toNanos();
    // Whoever waits may have given up.
    result.whenComplete((bootstrap, failure) -> ReferenceCountUtil.release(tls));
  }

  /**
   * Starts asking.
   *
   * @return fails with {@link BootstrapException}; cancel it to stop
   */
  static CompletableFuture<io.kumarun.kuma.Bootstrap> fetch(
      KumaSettings settings, EventLoopGroup group, Class<? extends Channel> channelType) {
    BootstrapClient client = new BootstrapClient(settings, group, channelType);
    client.loop.execute(client::attempt);
    return client.result;
  }

  private static SslContext tls(KumaSettings settings) {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.OPENSSL)
            .protocols("TLSv1.3", "TLSv1.2")
            // The names are checked by ControlPlaneTrust, IP addresses too.
            .endpointIdentificationAlgorithm(null);
    try {
      return settings.skipVerify()
          ? builder.trustManager(InsecureTrustManagerFactory.INSTANCE).build()
          : builder
              .trustManager(
                  new ControlPlaneTrust(
                      settings.caPem() == null ? "" : settings.caPem(),
                      List.of(host(settings)),
                      InstantSource.system()))
              .build();
    } catch (SSLException e) {
      throw new IllegalStateException("TLS cannot be set up: " + e.getMessage(), e);
    }
  }

  /** Without the brackets of an IPv6 address. */
  static String host(KumaSettings settings) {
    String host = settings.controlPlane().getHost();
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private void attempt() {
    if (result.isDone()) {
      return;
    }
    byte[] body;
    try {
      body = BootstrapRequest.body(settings, settings.token().get());
    } catch (RuntimeException e) {
      failed(new BootstrapException("no dataplane token: " + e.getMessage(), true));
      return;
    }
    String host = host(settings);
    ChannelFuture connected =
        new Bootstrap()
            .group(loop)
            .channel(channelType)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                (int) TimeUnit.SECONDS.toMillis(TIMEOUT_SECONDS))
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    pipeline(channel, host, body);
                  }
                })
            .connect(host, settings.port());
    connected.addListener(
        done -> {
          if (!done.isSuccess()) {
            failed(unreachable(String.valueOf(done.cause().getMessage())));
          }
        });
  }

  private void pipeline(Channel channel, String host, byte[] body) {
    if (tls != null) {
      SslHandler handler = tls.newHandler(channel.alloc(), host, settings.port());
      handler.setHandshakeTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      channel.pipeline().addLast(handler);
    }
    channel
        .pipeline()
        .addLast(
            new ReadTimeoutHandler(TIMEOUT_SECONDS),
            new HttpClientCodec(),
            new HttpObjectAggregator(MAX_RESPONSE_BYTES),
            new BootstrapExchange(
                settings.controlPlane().getRawAuthority(), body, this::answered, this::broken));
  }

  private void broken(String reason) {
    failed(unreachable(reason));
  }

  private BootstrapException unreachable(String reason) {
    return new BootstrapException(
        "control plane " + settings.controlPlane() + " cannot be asked: " + reason, true);
  }

  private void answered(int status, byte[] body) {
    String sentence = new String(body, StandardCharsets.UTF_8).strip();
    try {
      if (status == 200) {
        result.complete(BootstrapReader.fromResponse(body));
      } else if (status == 404 && sentence.isEmpty()) {
        failed(
            new BootstrapException(
                "the control plane does not know Dataplane "
                    + settings.dataplane().mesh()
                    + "/"
                    + settings.dataplane().name()
                    + " yet; create it, or start with its resource",
                true));
      } else {
        failed(
            new BootstrapException(
                "the control plane refuses this data plane (" + status + "): " + sentence,
                status < 400 || status >= 500));
      }
    } catch (BootstrapException e) {
      failed(e);
    }
  }

  private void failed(BootstrapException failure) {
    if (result.isDone()) {
      return;
    }
    Duration interval = settings.retryInterval();
    if (!failure.retryable() || System.nanoTime() + interval.toNanos() - deadline > 0) {
      result.completeExceptionally(failure);
      return;
    }
    String message = String.valueOf(failure.getMessage());
    if (!message.equals(lastFailure)) {
      lastFailure = message;
      LOG.warn("{}; asking again every {} ms", message, interval.toMillis());
    }
    loop.schedule(this::attempt, interval.toNanos(), TimeUnit.NANOSECONDS);
  }
}
