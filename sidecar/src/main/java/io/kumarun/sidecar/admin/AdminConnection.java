package io.kumarun.sidecar.admin;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.timeout.IdleStateEvent;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One connection: request after request, each answered before the next is looked at. Bodies are
 * read and forgotten, up to a limit. Event loop only; pages are made on the executor.
 */
final class AdminConnection extends SimpleChannelInboundHandler<HttpObject> {
  private static final int MAX_BODY_BYTES = 64 * 1024;

  private final AdminPages pages;
  private final Executor executor;
  private @Nullable HttpRequest request;
  private int bodyBytes;
  private boolean answering;
  private boolean ended;

  AdminConnection(AdminPages pages, Executor executor) {
    this.pages = pages;
    this.executor = executor;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.read();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
    if (ended) {
      return;
    }
    if (message.decoderResult().isFailure()) {
      refuse(ctx, message.decoderResult().cause());
      return;
    }
    if (message instanceof HttpRequest head) {
      request = head;
      bodyBytes = 0;
      if (HttpUtil.is100ContinueExpected(head)) {
        // Whoever asks first has something to send, and nothing here takes it.
        end(ctx, head, Answer.text(405, "these pages take no body\n"));
        return;
      }
    }
    if (message instanceof HttpContent content) {
      bodyBytes += content.content().readableBytes();
      if (bodyBytes > MAX_BODY_BYTES && request != null) {
        end(ctx, request, Answer.text(413, "these pages take no body\n"));
        return;
      }
    }
    if (message instanceof LastHttpContent && request != null) {
      HttpRequest whole = request;
      request = null;
      respond(ctx, whole, HttpUtil.isKeepAlive(whole), null);
    }
  }

  /** The next part is asked for only here: a read within a read may get lost. */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (!answering && !ended) {
      ctx.read();
    }
  }

  private void refuse(ChannelHandlerContext ctx, Throwable cause) {
    int status =
        switch (cause) {
          case TooLongHttpLineException tooLong -> 414;
          case TooLongHttpHeaderException tooLong -> 431;
          default -> 400;
        };
    end(ctx, null, Answer.text(status, "this is no request that can be answered\n"));
  }

  /** Answers, and closes. */
  private void end(ChannelHandlerContext ctx, @Nullable HttpRequest about, Answer answer) {
    ended = true;
    respond(ctx, about, false, answer);
  }

  private void respond(
      ChannelHandlerContext ctx,
      @Nullable HttpRequest about,
      boolean keepAlive,
      @Nullable Answer ready) {
    answering = true;
    boolean reusable = keepAlive && !ended;
    try {
      executor.execute(
          () -> {
            boolean usable =
                new AdminExchange(ctx.channel(), about, reusable)
                    .send(
                        ready == null && about != null ? () -> answer(about) : () -> given(ready));
            ctx.executor().execute(() -> answered(ctx, usable));
          });
    } catch (RejectedExecutionException e) {
      ctx.close();
    }
  }

  private Answer answer(HttpRequest about) {
    String host = about.headers().get(HttpHeaderNames.HOST, "");
    return pages.answer(AdminRequest.of(about.method().name(), about.uri(), host));
  }

  private static Answer given(@Nullable Answer answer) {
    return answer == null ? Answer.text(400, "no request\n") : answer;
  }

  private void answered(ChannelHandlerContext ctx, boolean goesOn) {
    answering = false;
    if (goesOn) {
      ctx.read();
    } else {
      ctx.close();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof IdleStateEvent && !answering) {
      ctx.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
