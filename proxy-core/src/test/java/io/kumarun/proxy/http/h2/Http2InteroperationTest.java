package io.kumarun.proxy.http.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HeaderNames;
import io.kumarun.proxy.http.HttpClientConnection;
import io.kumarun.proxy.http.HttpStream;
import io.kumarun.proxy.http.HttpStreamHandler;
import io.kumarun.proxy.http.StreamError;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Over sockets, with Netty's own frame codec on the other side. */
class Http2InteroperationTest {
  private static final int BODY = 10 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());

  @AfterEach
  void close() {
    loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private Channel listen(ChannelHandler child) {
    return new ServerBootstrap()
        .group(loops)
        .channel(NioServerSocketChannel.class)
        .childHandler(child)
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .syncUninterruptibly()
        .channel();
  }

  private Channel connect(Channel listener, ChannelHandler... handlers) {
    return new Bootstrap()
        .group(loops)
        .channel(NioSocketChannel.class)
        .handler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(handlers);
              }
            })
        .connect(listener.localAddress())
        .syncUninterruptibly()
        .channel();
  }

  /** Sends every request's body back, with the back-pressure a proxy would apply. */
  private static final class Echo implements HttpStreamHandler {
    private final HttpStream stream;

    Echo(HttpStream stream) {
      this.stream = stream;
    }

    @Override
    public void onHeaders(HeaderMap headers, boolean endStream) {
      stream.writeHeaders(CodecPair.response(200), endStream);
    }

    @Override
    public void onData(ByteBuf data, boolean endStream) {
      if (endStream) {
        stream.writeData(data, false);
        stream.writeTrailers(new HeaderMap().add(HeaderNames.GRPC_STATUS, "0"));
        return;
      }
      stream.writeData(data, false);
      if (!stream.isWritable()) {
        stream.pauseReading();
      }
    }

    @Override
    public void onTrailers(HeaderMap trailers) {
      stream.writeTrailers(trailers);
    }

    @Override
    public void onReset(StreamError error) {}

    @Override
    public void onWritabilityChanged() {
      if (stream.isWritable()) {
        stream.resumeReading();
      }
    }
  }

  private static ChannelInitializer<Channel> ourServer() {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel.pipeline().addLast(Http2ServerConnection.create(Echo::new, Http2Limits.DEFAULT));
      }
    };
  }

  private static ChannelInitializer<Channel> nettyServer() {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel
            .pipeline()
            .addLast(
                Http2FrameCodecBuilder.forServer().build(),
                new Http2MultiplexHandler(
                    new ChannelInitializer<>() {
                      @Override
                      protected void initChannel(Channel stream) {
                        stream.pipeline().addLast(new NettyEcho());
                      }
                    }));
      }
    };
  }

  private static final class NettyEcho extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      switch (message) {
        case Http2HeadersFrame head ->
            ctx.write(
                new DefaultHttp2HeadersFrame(
                    new DefaultHttp2Headers().status("200"), head.isEndStream()));
        case Http2DataFrame data -> {
          ctx.write(new DefaultHttp2DataFrame(data.content(), false, data.padding()));
          if (data.isEndStream()) {
            ctx.write(
                new DefaultHttp2HeadersFrame(
                    new DefaultHttp2Headers().add("grpc-status", "0"), true));
          }
        }
        default -> throw new AssertionError(message);
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.flush();
    }
  }

  /** Sends a body as fast as the stream takes it, and counts what comes back. */
  private static final class Upload extends Recorder {
    int sent;
    final AtomicLong received = new AtomicLong();
    final AtomicInteger finished = new AtomicInteger();

    void start(HttpClientConnection connection) {
      keepBody = false;
      stream = connection.newStream(this);
      stream().writeHeaders(CodecPair.request("POST", "/echo"), false);
      send();
    }

    private void send() {
      while (sent < BODY && stream().isWritable()) {
        sent += 32_768;
        stream().writeData(CodecPair.bytes(32_768), sent == BODY);
      }
    }

    @Override
    public void onData(ByteBuf data, boolean endStream) {
      super.onData(data, endStream);
      received.set(bodyBytes);
    }

    @Override
    public void onTrailers(HeaderMap headers) {
      super.onTrailers(headers);
      finished.set(1);
    }

    @Override
    public void onReset(StreamError error) {
      super.onReset(error);
      finished.set(-1);
    }

    @Override
    public void onWritabilityChanged() {
      super.onWritabilityChanged();
      send();
    }
  }

  private record NoEvents() implements HttpClientConnection.Listener {
    @Override
    public void onStreamsAvailable(HttpClientConnection connection) {}

    @Override
    public void onDraining(HttpClientConnection connection) {}

    @Override
    public void onClosed(HttpClientConnection connection) {}
  }

  private void echoesLargeBodies(ChannelInitializer<Channel> server) {
    Channel listener = listen(server);
    Http2ClientConnection client =
        Http2ClientConnection.create(new NoEvents(), Http2Limits.DEFAULT);
    Channel channel = connect(listener, client);
    Upload[] uploads = {new Upload(), new Upload(), new Upload()};
    channel
        .eventLoop()
        .execute(
            () -> {
              for (Upload upload : uploads) {
                upload.start(client);
              }
            });
    for (Upload upload : uploads) {
      await().atMost(PATIENCE).until(() -> upload.finished.get() != 0);
      assertThat(upload.finished).hasValue(1);
      assertThat(upload.received).hasValue(BODY);
    }
    channel.close().syncUninterruptibly();
    listener.close().syncUninterruptibly();
  }

  @Test
  void ourClientAndServerEchoLargeBodies() {
    echoesLargeBodies(ourServer());
  }

  @Test
  void ourClientTalksToNettysServer() {
    echoesLargeBodies(nettyServer());
  }

  @Test
  void nettysClientTalksToOurServer() {
    Channel listener = listen(ourServer());
    Channel channel =
        connect(
            listener,
            Http2FrameCodecBuilder.forClient().build(),
            new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
    AtomicReference<String> status = new AtomicReference<>("");
    AtomicLong received = new AtomicLong();
    AtomicInteger ends = new AtomicInteger();
    Http2StreamChannel stream =
        new Http2StreamChannelBootstrap(channel)
            .handler(
                new ChannelInboundHandlerAdapter() {
                  @Override
                  public void channelRead(ChannelHandlerContext ctx, Object message) {
                    switch (message) {
                      case Http2HeadersFrame head when head.isEndStream() -> ends.incrementAndGet();
                      case Http2HeadersFrame head ->
                          status.set(String.valueOf(head.headers().status()));
                      case Http2DataFrame data -> {
                        received.addAndGet(data.content().readableBytes());
                        data.release();
                      }
                      default -> throw new AssertionError(message);
                    }
                  }
                })
            .open()
            .syncUninterruptibly()
            .getNow();
    stream.write(
        new DefaultHttp2HeadersFrame(
            new DefaultHttp2Headers().method("POST").scheme("http").authority("a").path("/echo")));
    for (int sent = 32_768; sent <= BODY; sent += 32_768) {
      stream.write(new DefaultHttp2DataFrame(CodecPair.bytes(32_768), sent == BODY, 7));
    }
    stream.flush();
    await().atMost(PATIENCE).until(() -> ends.get() == 1);
    assertThat(status).hasValue("200");
    assertThat(received).hasValue(BODY);
    channel.close().syncUninterruptibly();
    listener.close().syncUninterruptibly();
  }

  @Test
  void writesOfOneTurnLeaveInOneFlush() {
    Channel listener = listen(ourServer());
    AtomicInteger flushes = new AtomicInteger();
    Http2ClientConnection client =
        Http2ClientConnection.create(new NoEvents(), Http2Limits.DEFAULT);
    Channel channel =
        connect(
            listener,
            new ChannelDuplexHandler() {
              @Override
              public void flush(ChannelHandlerContext ctx) {
                flushes.incrementAndGet();
                ctx.flush();
              }
            },
            client);
    AtomicInteger inTurn = new AtomicInteger();
    AtomicInteger afterTurn = new AtomicInteger(-1);
    channel
        .eventLoop()
        .execute(
            () -> {
              int before = flushes.get();
              for (int i = 0; i < 5; i++) {
                Recorder recorder = new Recorder();
                recorder.stream = client.newStream(recorder);
                recorder.stream().writeHeaders(CodecPair.request("POST", "/"), false);
                recorder.stream().writeData(CodecPair.bytes(100), true);
              }
              inTurn.set(flushes.get() - before);
              channel.eventLoop().execute(() -> afterTurn.set(flushes.get() - before));
            });
    await().atMost(PATIENCE).until(() -> afterTurn.get() >= 0);
    assertThat(inTurn).hasValue(0);
    assertThat(afterTurn).hasValue(1);
    channel.close().syncUninterruptibly();
    listener.close().syncUninterruptibly();
  }
}
