package io.kumarun.e2e;

import io.kumarun.devmesh.authority.IssuedCertificate;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * A witness of certificates that takes nobody's word: as a server, an endpoint that sidecars
 * connect to like to any inbound, it keeps the serial numbers of the clients' certificates; as a
 * client it shakes hands with an inbound and reads the certificate there. It trusts everybody, and
 * sends bytes back. Any thread.
 */
final class Handshakes implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 10_000;

  private final Set<BigInteger> clients = ConcurrentHashMap.newKeySet();
  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Channel server;
  private volatile SslContext tls;

  /**
   * @param certificate what it shows as a server
   */
  Handshakes(IssuedCertificate certificate) throws SSLException {
    show(certificate);
    server =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel child) {
                    SslHandler handler = tls.newHandler(child.alloc());
                    child.pipeline().addLast(handler, new Echo(handler.engine()));
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  /** Shows another certificate from now on. */
  void show(IssuedCertificate certificate) throws SSLException {
    tls =
        SslContextBuilder.forServer(certificate.privateKey(), certificate.certificate())
            .sslProvider(SslProvider.OPENSSL)
            .trustManager(new Everybody(new AtomicReference<>()))
            .clientAuth(ClientAuth.REQUIRE)
            .applicationProtocolConfig(
                new ApplicationProtocolConfig(
                    Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE,
                    SelectedListenerFailureBehavior.ACCEPT,
                    "kuma"))
            .build();
  }

  InetSocketAddress address() {
    return (InetSocketAddress) server.localAddress();
  }

  /** Whether a client has shown the certificate of this number. */
  boolean sawClient(BigInteger serial) {
    return clients.contains(serial);
  }

  /** The serial number of the certificate that an inbound shows to a new connection. */
  static BigInteger shownBy(InetSocketAddress inbound)
      throws GeneralSecurityException, IOException {
    AtomicReference<X509Certificate> shown = new AtomicReference<>();
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Everybody(shown)}, null);
    try (Socket plain = new Socket()) {
      plain.setSoTimeout(TIMEOUT_MILLIS);
      plain.connect(inbound, TIMEOUT_MILLIS);
      try (SSLSocket socket =
          (SSLSocket) context.getSocketFactory().createSocket(plain, "inbound", 0, true)) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"kuma"});
        socket.setSSLParameters(parameters);
        try {
          socket.startHandshake();
        } catch (SSLException e) {
          // It is right to refuse who shows no certificate; it showed its own before.
        }
      }
    }
    X509Certificate certificate = shown.get();
    if (certificate == null) {
      throw new IOException(inbound + " showed no certificate");
    }
    return certificate.getSerialNumber();
  }

  @Override
  public void close() {
    server.close().syncUninterruptibly();
    group.shutdownGracefully();
  }

  /** Greets when the handshake is done, then sends back what comes. */
  private final class Echo extends ChannelInboundHandlerAdapter {
    private final SSLEngine engine;

    Echo(SSLEngine engine) {
      this.engine = engine;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
      if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
        X509Certificate client = (X509Certificate) engine.getSession().getPeerCertificates()[0];
        clients.add(client.getSerialNumber());
        ByteBuf greeting = Unpooled.copiedBuffer("witness\n", StandardCharsets.UTF_8);
        ctx.writeAndFlush(greeting, ctx.voidPromise());
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ctx.writeAndFlush(message, ctx.voidPromise());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  /** Trusts everybody, and remembers who came last. */
  private static final class Everybody extends X509ExtendedTrustManager {
    private final AtomicReference<X509Certificate> last;

    Everybody(AtomicReference<X509Certificate> last) {
      this.last = last;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {
      last.set(chain[0]);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
      last.set(chain[0]);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      last.set(chain[0]);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      last.set(chain[0]);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
      last.set(chain[0]);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      last.set(chain[0]);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
