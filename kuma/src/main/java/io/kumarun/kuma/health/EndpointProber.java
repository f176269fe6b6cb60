package io.kumarun.kuma.health;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes single checks over the network, each on a connection of its own. Any thread. */
final class EndpointProber {
  private final EventLoopGroup group;
  private final Class<? extends Channel> channelType;

  EndpointProber(EventLoopGroup group, Class<? extends Channel> channelType) {
    this.group = group;
    this.channelType = channelType;
  }

  /** Whether the address accepts a connection; {@code result} is called once, on an event loop. */
  void tcp(Probe.Tcp probe, Duration timeout, Consumer<Boolean> result) {
    Bootstrap bootstrap =
        client(timeout)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {}
                });
    connect(bootstrap, probe.address(), probe.source())
        .addListener(
            (ChannelFutureListener)
                connected -> {
                  connected.channel().close();
                  result.accept(connected.isSuccess());
                });
  }

  /** Whether the answer has an expected status; {@code result} is called once, on an event loop. */
  void http(Probe.Http probe, Duration timeout, Consumer<Boolean> result) {
    Promise<Boolean> answer = group.next().newPromise();
    answer.addListener(done -> result.accept(Boolean.TRUE.equals(answer.getNow())));
    Bootstrap bootstrap =
        client(timeout)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new HttpClientCodec(), new Exchange(probe, answer));
                  }
                });
    connect(bootstrap, probe.address(), probe.source())
        .addListener(
            (ChannelFutureListener)
                connected -> {
                  Channel channel = connected.channel();
                  if (!connected.isSuccess()) {
                    answer.trySuccess(false);
                    return;
                  }
                  var limit =
                      channel
                          .eventLoop()
                          .schedule(
                              (Runnable) channel::close, timeout.toNanos(), TimeUnit.NANOSECONDS);
                  channel.closeFuture().addListener(closed -> limit.cancel(false));
                });
  }

  private Bootstrap client(Duration timeout) {
    return new Bootstrap()
        .group(group)
        .channel(channelType)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(timeout.toMillis()));
  }

  private static ChannelFuture connect(
      Bootstrap bootstrap, InetSocketAddress address, @Nullable InetSocketAddress source) {
    return source == null ? bootstrap.connect(address) : bootstrap.connect(address, source);
  }

  /** One request and the first line of its answer. Event loop only. */
  private static final class Exchange extends SimpleChannelInboundHandler<HttpObject> {
    private final Probe.Http probe;
    private final Promise<Boolean> answer;

    Exchange(Probe.Http probe, Promise<Boolean> answer) {
      this.probe = probe;
      this.answer = answer;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      FullHttpRequest request =
          new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, probe.path());
      request
          .headers()
          .set(HttpHeaderNames.HOST, probe.host())
          .set(HttpHeaderNames.USER_AGENT, "Envoy/HC")
          .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
      ctx.writeAndFlush(request, ctx.voidPromise());
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
      if (message instanceof HttpResponse response) {
        answer.trySuccess(
            message.decoderResult().isSuccess() && probe.expects(response.status().code()));
        ctx.close();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      answer.trySuccess(false);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      answer.trySuccess(false);
      ctx.close();
    }
  }
}
