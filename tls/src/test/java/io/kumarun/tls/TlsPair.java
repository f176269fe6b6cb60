package io.kumarun.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.netty.internal.tcnative.SSL;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A TLS client and a TLS server joined by hand, on the caller's thread: every byte between them is
 * seen, and nothing is left to time.
 */
final class TlsPair implements AutoCloseable {
  final End client = new End();
  final End server = new End();

  static final class End {
    final EmbeddedChannel channel = new EmbeddedChannel();
    final List<Object> events = new ArrayList<>();
    final StringBuilder received = new StringBuilder();
    boolean reused;
    int verifiedBeforeBytes;

    void record(@Nullable String firstWords) {
      channel
          .pipeline()
          .addLast(
              new ChannelInboundHandlerAdapter() {
                @Override
                public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                  events.add(event);
                  if (event instanceof PeerVerified) {
                    SslHandler tls = ctx.pipeline().get(SslHandler.class);
                    reused =
                        SSL.isSessionReused(
                            ((ReferenceCountedOpenSslEngine) tls.engine()).sslPointer());
                    verifiedBeforeBytes = received.length();
                    if (firstWords != null) {
                      ctx.writeAndFlush(Unpooled.copiedBuffer(firstWords, StandardCharsets.UTF_8));
                    }
                  }
                }

                @Override
                public void channelRead(ChannelHandlerContext ctx, Object message) {
                  received.append(((ByteBuf) message).toString(StandardCharsets.UTF_8));
                  ((ByteBuf) message).release();
                }
              });
    }

    PeerVerified verified() {
      assertThat(events).hasAtLeastOneElementOfType(PeerVerified.class);
      return (PeerVerified)
          events.stream().filter(PeerVerified.class::isInstance).findFirst().orElseThrow();
    }

    PeerIdentity identity() {
      return Objects.requireNonNull(verified().identity());
    }

    /** The one reason for which this end gave up. */
    String rejection() {
      List<String> sentences =
          events.stream()
              .filter(TlsRejected.class::isInstance)
              .map(e -> ((TlsRejected) e).sentence())
              .toList();
      assertThat(sentences).as("rejections in %s", events).hasSize(1);
      assertThat(sentences.getFirst()).doesNotContain("\n").doesNotContain("Exception");
      return sentences.getFirst();
    }

    boolean isVerified() {
      return events.stream().anyMatch(PeerVerified.class::isInstance);
    }
  }

  /** Joins and exchanges until both are silent. */
  static TlsPair join(
      TlsContexts clients, ClientTls client, TlsContexts servers, ServerTls server) {
    return join(p -> clients.addClientTls(p.pipeline(), client), servers, server);
  }

  static TlsPair join(Consumer<EmbeddedChannel> addClient, TlsContexts servers, ServerTls server) {
    return new TlsPair(addClient, channel -> servers.addServerTls(channel.pipeline(), server));
  }

  TlsPair(Consumer<EmbeddedChannel> addClient, Consumer<EmbeddedChannel> addServer) {
    addServer.accept(server.channel);
    server.record("welcome");
    addClient.accept(client.channel);
    client.record("hello");
    exchange();
  }

  void exchange() {
    boolean moved = true;
    while (moved) {
      moved = move(client.channel, server.channel) | move(server.channel, client.channel);
    }
  }

  private static boolean move(EmbeddedChannel from, EmbeddedChannel to) {
    boolean moved = false;
    from.runPendingTasks();
    ByteBuf bytes;
    while ((bytes = from.readOutbound()) != null) {
      moved = true;
      if (to.isOpen()) {
        to.writeInbound(bytes);
      } else {
        bytes.release();
      }
    }
    if (!from.isOpen() && to.isOpen()) {
      to.close();
      moved = true;
    }
    return moved;
  }

  @Override
  public void close() {
    client.channel.finishAndReleaseAll();
    server.channel.finishAndReleaseAll();
  }

  /** A clock that tests set. */
  static final class Clock implements InstantSource {
    java.time.Instant now = TestAuthority.NOW;

    @Override
    public java.time.Instant instant() {
      return now;
    }
  }
}
