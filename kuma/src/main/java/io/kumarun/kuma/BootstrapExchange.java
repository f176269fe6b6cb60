package io.kumarun.kuma;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.ReadTimeoutException;
import java.util.function.Consumer;

/** One POST and its answer on a connection of its own. Event loop only. */
final class BootstrapExchange extends SimpleChannelInboundHandler<FullHttpResponse> {
  /** Takes a complete answer. */
  interface Answer {
    void received(int status, byte[] body);
  }

  private final String authority;
  private final byte[] body;
  private final Answer answer;
  private final Consumer<String> broken;
  private boolean done;

  BootstrapExchange(String authority, byte[] body, Answer answer, Consumer<String> broken) {
    this.authority = authority;
    this.body = body;
    this.answer = answer;
    this.broken = broken;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    SslHandler tls = ctx.pipeline().get(SslHandler.class);
    if (tls == null) {
      send(ctx);
    } else {
      tls.handshakeFuture()
          .addListener(
              handshake -> {
                if (handshake.isSuccess()) {
                  send(ctx);
                } else {
                  fail(ctx, handshake.cause());
                }
              });
    }
  }

  private void send(ChannelHandlerContext ctx) {
    FullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.POST, "/bootstrap", Unpooled.wrappedBuffer(body));
    request
        .headers()
        .set(HttpHeaderNames.HOST, authority)
        .set(HttpHeaderNames.ACCEPT, HttpHeaderValues.APPLICATION_JSON)
        .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
        .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    ctx.writeAndFlush(request);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpResponse response) {
    if (response.decoderResult().isFailure()) {
      fail(ctx, response.decoderResult().cause());
      return;
    }
    if (!done) {
      done = true;
      answer.received(response.status().code(), ByteBufUtil.getBytes(response.content()));
    }
    ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    report("the connection was closed without an answer");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    fail(ctx, cause);
  }

  private void fail(ChannelHandlerContext ctx, Throwable cause) {
    report(cause instanceof ReadTimeoutException ? "no answer in time" : sentence(cause));
    ctx.close();
  }

  private void report(String reason) {
    if (!done) {
      done = true;
      broken.accept(reason);
    }
  }

  /** The innermost message: what a trust manager says is wrapped several times. */
  static String sentence(Throwable failure) {
    String message = failure.getMessage();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      boolean says = cause.getMessage() != null && !(cause instanceof DecoderException);
      if (says) {
        message = cause.getMessage();
        if (cause instanceof java.security.cert.CertificateException) {
          break;
        }
      }
    }
    return message == null ? failure.getClass().getSimpleName() : message;
  }
}
