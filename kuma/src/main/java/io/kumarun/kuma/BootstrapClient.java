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
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the control plane for the bootstrap (contract §1.2), again and again until it lets this data
 * plane in, refuses it for good, or has been out of reach for too long. A Dataplane that does not
 * exist yet is waited for without an end.
 *
 * <p>Sockets and timers are the event loop's; the token's file is read and answers are parsed on
 * the executor, because the loop has traffic after the first time. One thing happens after the
 * other.
 */
final class BootstrapClient {
  private static final Logger LOG = LoggerFactory.getLogger(BootstrapClient.class);
  private static final int TIMEOUT_SECONDS = 10;

  /** An answer is some 10 KiB; its largest part is the Dataplane resource that was sent. */
  private static final int MAX_RESPONSE_BYTES = 16 << 20;

  private static final int MAX_SENTENCE = 2000;

  private final KumaSettings settings;
  private final EventLoop loop;
  private final Executor executor;
  private final Class<? extends Channel> channelType;
  private final String caPem;
  private final @Nullable SslContext tls;
  private final boolean once;
  private final Consumer<String> problem;
  private final CompletableFuture<io.kumarun.kuma.Bootstrap> result = new CompletableFuture<>();
  private long deadline;
  private String lastFailure = "";

  private BootstrapClient(
      KumaSettings settings,
      EventLoopGroup group,
      Class<? extends Channel> channelType,
      Executor executor,
      boolean once,
      Consumer<String> problem) {
    this.settings = settings;
    this.executor = executor;
    this.loop = group.next();
    this.channelType = channelType;
    this.once = once;
    this.problem = problem;
    this.caPem = settings.caPem().get();
    this.tls = settings.secure() ? tls(settings, caPem) : null;
    this.deadline = System.nanoTime() + settings.retryFor().toNanos();
    // Whoever waits may have given up.
    result.whenComplete((bootstrap, failure) -> ReferenceCountUtil.release(tls));
  }

  /**
   * Starts asking.
   *
   * @param executor for what may block or take long: no event loop of the data path
   * @param problem takes what is in the way, each time it is
   * @return fails with {@link BootstrapException}; cancel it to stop
   * @throws IllegalArgumentException the settings' authorities hold no certificate
   */
  static CompletableFuture<io.kumarun.kuma.Bootstrap> fetch(
      KumaSettings settings,
      EventLoopGroup group,
      Class<? extends Channel> channelType,
      Executor executor,
      Consumer<String> problem) {
    return start(new BootstrapClient(settings, group, channelType, executor, false, problem));
  }

  /** {@link #fetch} that asks once. */
  static CompletableFuture<io.kumarun.kuma.Bootstrap> fetchOnce(
      KumaSettings settings,
      EventLoopGroup group,
      Class<? extends Channel> channelType,
      Executor executor) {
    return start(new BootstrapClient(settings, group, channelType, executor, true, each -> {}));
  }

  private static CompletableFuture<io.kumarun.kuma.Bootstrap> start(BootstrapClient client) {
    client.onExecutor(client::attempt);
    return client.result;
  }

  private void onExecutor(Runnable step) {
    try {
      executor.execute(step);
    } catch (RejectedExecutionException e) {
      result.cancel(false); // whoever ended it asks for nothing any more
    }
  }

  private void later() {
    loop.schedule(
        () -> onExecutor(this::attempt), settings.retryInterval().toNanos(), TimeUnit.NANOSECONDS);
  }

  private static SslContext tls(KumaSettings settings, String caPem) {
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
                  new ControlPlaneTrust(caPem, List.of(host(settings)), InstantSource.system()))
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
      body = BootstrapRequest.body(settings, caPem, settings.token().get());
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
            // Its message is the bare name, or more, by turns.
            String reason =
                done.cause() instanceof UnknownHostException
                    ? "the name " + host + " is not known to DNS"
                    : String.valueOf(done.cause().getMessage());
            onExecutor(() -> broken(reason));
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
                settings.controlPlane().getRawAuthority(),
                body,
                (status, answer) -> onExecutor(() -> answered(status, answer)),
                reason -> onExecutor(() -> broken(reason))));
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
        unknown();
      } else {
        failed(refusal(status, sentence));
      }
    } catch (BootstrapException e) {
      failed(e);
    } catch (RuntimeException e) { // never without an outcome
      failed(
          new BootstrapException(
              "the control plane's bootstrap answer cannot be used: "
                  + e.getClass().getSimpleName(),
              false));
    }
  }

  /** With the control plane's own words, if it has any: what it keeps to itself, it logs. */
  private static BootstrapException refusal(int status, String sentence) {
    boolean refused = status >= 400 && status < 500;
    String subject =
        refused
            ? "the control plane refuses this data plane"
            : "the control plane cannot give a bootstrap";
    String words =
        sentence.isEmpty()
            ? "it gave no reason; look into its log"
            : sentence.substring(0, Math.min(sentence.length(), MAX_SENTENCE));
    return new BootstrapException(subject + " (" + status + "): " + words, !refused);
  }

  private void failed(BootstrapException failure) {
    if (result.isDone()) {
      return;
    }
    Duration interval = settings.retryInterval();
    if (once || !failure.retryable()) {
      result.completeExceptionally(failure);
      return;
    }
    String message = String.valueOf(failure.getMessage());
    if (System.nanoTime() + interval.toNanos() - deadline > 0) {
      String end = "; given up after " + settings.retryFor().toSeconds() + " s";
      result.completeExceptionally(new BootstrapException(message + end, true));
      return;
    }
    if (isNew(message)) {
      LOG.warn("{}; asking again every {} ms", message, interval.toMillis());
    }
    later();
  }

  /** The control plane is there, and waits for the Dataplane as this data plane does. */
  private void unknown() {
    String message =
        "the control plane does not know Dataplane "
            + settings.dataplane().mesh()
            + "/"
            + settings.dataplane().name()
            + " yet; create it, or start with its resource";
    if (once) {
      result.completeExceptionally(new BootstrapException(message, true));
      return;
    }
    Duration interval = settings.retryInterval();
    deadline = System.nanoTime() + settings.retryFor().toNanos();
    if (isNew(message)) {
      LOG.info("{}; waiting for it, asking every {} ms", message, interval.toMillis());
    }
    later();
  }

  private boolean isNew(String message) {
    problem.accept(message);
    boolean changed = !message.equals(lastFailure);
    lastFailure = message;
    return changed;
  }
}
