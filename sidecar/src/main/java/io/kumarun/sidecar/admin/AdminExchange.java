package io.kumarun.sidecar.admin;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpRequest;
import java.io.IOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends one answer. Blocks while the peer does not read; never on an event loop. */
final class AdminExchange {
  private static final Logger LOG = LoggerFactory.getLogger(AdminExchange.class);

  private final Channel channel;
  private final @Nullable HttpRequest request;
  private final boolean keepAlive;

  AdminExchange(Channel channel, @Nullable HttpRequest request, boolean keepAlive) {
    this.channel = channel;
    this.request = request;
    this.keepAlive = keepAlive;
  }

  /** False: the connection cannot be used on. */
  boolean send(Supplier<Answer> page) {
    Answer answer;
    try {
      answer = page.get();
    } catch (IllegalArgumentException e) {
      answer = Answer.text(400, e.getMessage() + "\n");
    } catch (RuntimeException e) {
      answer = failed(e);
    }
    ResponseText out = new ResponseText(channel, answer, request, keepAlive);
    try {
      answer.body().writeTo(out);
      return out.end();
    } catch (IOException e) {
      return false; // the peer is gone, or does not read
    } catch (RuntimeException e) {
      return !out.begun()
          && send(
              () ->
                  e instanceof IllegalArgumentException
                      ? Answer.text(400, e.getMessage() + "\n")
                      : failed(e));
    }
  }

  private static Answer failed(RuntimeException failure) {
    LOG.warn("An admin page failed", failure);
    return Answer.text(500, "this page failed; the log of the sidecar says why\n");
  }
}
