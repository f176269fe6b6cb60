package io.kumarun.proxy.listener;

import io.kumarun.proxy.exchange.DownstreamConnection;
import io.kumarun.proxy.exchange.DownstreamPeer;
import io.kumarun.proxy.exchange.ExchangeServices;
import io.kumarun.proxy.exchange.HttpChain;
import io.kumarun.proxy.http.h1.Http1Limits;
import io.kumarun.proxy.http.h1.Http1ServerConnection;
import io.kumarun.proxy.http.h2.Http2Limits;
import io.kumarun.proxy.http.h2.Http2ServerConnection;
import io.kumarun.proxy.permission.Refusals;
import io.kumarun.proxy.tcp.TcpLog;
import io.kumarun.proxy.tcp.TcpSession;
import io.kumarun.telemetry.ListenerMetrics;
import io.kumarun.tls.PeerIdentity;
import io.kumarun.tls.PeerVerified;
import io.kumarun.tls.ServerTls;
import io.kumarun.tls.TlsContexts;
import io.kumarun.tls.TlsHalfClose;
import io.kumarun.tls.TlsRejected;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a connection from its first byte to its protocol: filter chain, TLS, permission, codec.
 * Starts from any duplex byte channel on an event loop of the data plane, a socket or not (design
 * §7). Event loop only.
 */
final class ConnectionAcceptor {
  private static final Logger log = LoggerFactory.getLogger(ConnectionAcceptor.class);

  private final ExchangeServices services;
  private final TlsContexts tlsContexts;
  private final InstantSource clock;
  private final Refusals refusals = new Refusals();

  ConnectionAcceptor(ExchangeServices services, TlsContexts tlsContexts, InstantSource clock) {
    this.services = services;
    this.tlsContexts = tlsContexts;
    this.clock = clock;
  }

  /** Takes over a connection of the listener; its channel must not have been read from. */
  void accept(Channel channel, ActiveListener listener) {
    listener.metrics().connectionOpened();
    channel.closeFuture().addListener(closed -> listener.metrics().connectionClosed());
    if (listener.config().inspectTls()) {
      channel
          .pipeline()
          .addLast(
              new TlsInspector((ctx, inspection) -> choose(ctx.channel(), listener, inspection)));
    } else {
      choose(channel, listener, Inspection.NONE);
    }
  }

  private void choose(Channel channel, ActiveListener listener, Inspection inspection) {
    FilterChain chain = listener.chains().select(localPort(channel), inspection);
    if (chain == null) {
      listener.metrics().noFilterChainMatch();
      log.debug("listener {}: no filter chain for {}", listener.config().name(), inspection);
      channel.close();
      return;
    }
    DownstreamSession session = new DownstreamSession(channel);
    chain.connections().add(session);
    channel.closeFuture().addListener(closed -> chain.connections().remove(session));
    ServerTls tls = chain.tls();
    if (tls == null) {
      start(channel, listener, session, chain, DownstreamPeer.cleartext(inspection.serverName()));
      return;
    }
    tlsContexts.addServerTls(channel.pipeline(), tls);
    if (chain.terminal() instanceof FilterChain.Terminal.Tcp) {
      TlsHalfClose.allow(channel.pipeline());
    }
    channel.pipeline().addLast(new HandshakeEnd(listener, session, chain, tls));
  }

  private void start(
      Channel channel,
      ActiveListener listener,
      DownstreamSession session,
      FilterChain chain,
      DownstreamPeer peer) {
    String refusal = chain.refusal(peer.facts());
    if (refusal != null) {
      TcpLog refused = new TcpLog(clock.millis(), peer);
      refused.details(refusal);
      services.accessLog().log(refused);
      refused(channel, listener, peer.shownName() + " has no permission: " + refusal);
      channel.close();
      return;
    }
    switch (chain.terminal()) {
      case FilterChain.Terminal.Tcp(var tcp) ->
          channel
              .pipeline()
              .addLast(
                  new TcpSession(tcp, services, services.clusters().on(channel.eventLoop()), peer));
      case FilterChain.Terminal.Http(var http) ->
          channel
              .pipeline()
              .addLast(
                  new HttpProtocolDetector(
                      (ctx, http2) -> startHttp(ctx.channel(), session, http, peer, http2)));
    }
  }

  private void startHttp(
      Channel channel,
      DownstreamSession session,
      HttpChain http,
      DownstreamPeer peer,
      boolean http2) {
    http.metrics().connectionOpened(http2, peer.tls());
    channel.closeFuture().addListener(closed -> http.metrics().connectionClosed(false));
    DownstreamConnection connection =
        new DownstreamConnection(http, services, services.clusters().on(channel.eventLoop()), peer);
    if (http2) {
      Http2ServerConnection codec = Http2ServerConnection.create(connection, Http2Limits.DEFAULT);
      channel.pipeline().addLast(codec);
      session.speaksHttp(codec);
    } else {
      Http1ServerConnection codec = new Http1ServerConnection(connection, Http1Limits.DEFAULT);
      channel.pipeline().addLast(codec);
      session.speaksHttp(codec);
    }
  }

  private void refused(Channel channel, ActiveListener listener, String reason) {
    String name = listener.config().name();
    SocketAddress peer = channel.remoteAddress();
    String host = peer instanceof InetSocketAddress ip ? ip.getHostString() : "";
    if (refusals.isNews(host, name + ' ' + reason)) {
      log.info("listener {}: connection from {} refused: {}", name, peer, reason);
    }
  }

  /** As Envoy counts: a certificate that is refused is no error of the connection. */
  private static void count(ListenerMetrics metrics, TlsRejected rejected) {
    switch (rejected.reason()) {
      case null -> metrics.sslHandshakeFailed();
      case NO_CERTIFICATE -> metrics.sslCertificateMissing();
      case NAME -> metrics.sslSanRefused();
      case UNREADABLE, UNKNOWN_AUTHORITY, EXPIRED, NOT_YET_VALID, PURPOSE ->
          metrics.sslCertificateRefused();
    }
  }

  private static int localPort(Channel channel) {
    return channel.localAddress() instanceof InetSocketAddress local ? local.getPort() : 0;
  }

  /** Waits for the verified peer; the chain goes no further before it is known. */
  private final class HandshakeEnd extends ChannelInboundHandlerAdapter {
    private final ActiveListener listener;
    private final DownstreamSession session;
    private final FilterChain chain;
    private final ServerTls tls;

    HandshakeEnd(
        ActiveListener listener, DownstreamSession session, FilterChain chain, ServerTls tls) {
      this.listener = listener;
      this.session = session;
      this.chain = chain;
      this.tls = tls;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      switch (event) {
        case PeerVerified verified -> {
          listener.metrics().sslHandshake();
          PeerIdentity identity = verified.identity();
          String serverName = verified.sni() == null ? "" : verified.sni();
          start(
              ctx.channel(),
              listener,
              session,
              chain,
              DownstreamPeer.overTls(identity, tls.certificate(), serverName));
          ctx.pipeline().remove(this);
        }
        case TlsRejected rejected -> {
          count(listener.metrics(), rejected);
          refused(ctx.channel(), listener, rejected.sentence());
        }
        default -> ctx.fireUserEventTriggered(event);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
