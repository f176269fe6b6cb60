package io.kumarun.proxy.http.h1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HttpClientConnection;
import io.kumarun.proxy.http.HttpStream;
import io.kumarun.proxy.http.HttpStreamAcceptor;
import io.kumarun.proxy.http.HttpStreamHandler;
import io.kumarun.proxy.http.StreamError;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What only a kernel shows: resets, half-closes and full socket buffers. */
class Http1OverSocketsTest {
  private static final int UPLOAD = 4 * 1024 * 1024;
  private static final int SOCKET_BUFFER = 32 * 1024;
  private static final Http1Limits LIMITS = new Http1Limits(4096, 20, 4096, 64 * 1024, true);

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  @AfterEach
  void stop() {
    loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private InetSocketAddress serve(HttpStreamAcceptor acceptor, @Nullable SslContext tls) {
    Channel listening =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.SO_SNDBUF, SOCKET_BUFFER)
            .childOption(ChannelOption.SO_RCVBUF, SOCKET_BUFFER)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    if (tls != null) {
                      channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                    }
                    channel.pipeline().addLast(new Http1ServerConnection(acceptor, LIMITS));
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
    return (InetSocketAddress) listening.localAddress();
  }

  private static HttpStreamAcceptor refusing() {
    return stream ->
        new Transcript() {
          @Override
          public void onHeaders(HeaderMap headers, boolean endStream) {
            stream.writeHeaders(ServerFixture.response(413), true);
          }
        };
  }

  @Test
  void aPeerThatIsStillUploadingSeesTheResponseAndNoReset() throws Exception {
    InetSocketAddress address = serve(refusing(), null);
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      assertThat(upload(socket)).startsWith("HTTP/1.1 413 ").endsWith("connection: close\r\n\r\n");
    }
  }

  @Test
  void aPeerThatIsStillUploadingOverTlsSeesTheResponseAndTheCloseNotify() throws Exception {
    InetSocketAddress address = serve(refusing(), serverTls());
    SSLContext client = SSLContext.getInstance("TLS");
    client.init(null, new TrustManager[] {new TrustAll()}, null);
    try (Socket socket =
        client.getSocketFactory().createSocket(address.getAddress(), address.getPort())) {
      // JSSE fails on a connection that ends without close_notify
      assertThat(upload(socket)).startsWith("HTTP/1.1 413 ").endsWith("connection: close\r\n\r\n");
    }
  }

  @Test
  void aPeerWhoseRequestIsRefusedSeesTheReason() throws Exception {
    InetSocketAddress address = serve(refusing(), null);
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      OutputStream out = socket.getOutputStream();
      out.write("GET / HTTP/1.1\r\nHost : a\r\n\r\n".getBytes(ISO_8859_1));
      out.write(new byte[500_000]);
      assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
          .startsWith("HTTP/1.1 400 Bad Request\r\n");
    }
  }

  /** Sends less than the server takes in while lingering, then reads to the end. */
  private static String upload(Socket socket) throws IOException {
    socket.setSoTimeout(20_000);
    OutputStream out = socket.getOutputStream();
    out.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n".getBytes(ISO_8859_1));
    byte[] piece = new byte[9000];
    for (int i = 0; i < 100; i++) {
      out.write(piece);
    }
    return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
  }

  @Test
  void aReaderThatPausesStopsTheWriterAndNothingIsLost() {
    AtomicLong mostPending = new AtomicLong();
    InetSocketAddress address = serve(stream -> new Echo(stream, mostPending), null);
    Uploader uploader = connect(address);
    loop.next().execute(uploader::begin);
    // the client reads nothing: every buffer on the way fills up
    await().until(() -> mostPending.get() > 0 && uploader.stalls.get() > 0);
    assertThat(uploader.received.get()).isLessThan(UPLOAD);
    loop.next().execute(() -> uploader.stream().resumeReading());
    await().until(() -> uploader.ended);
    assertThat(uploader.received.get()).isEqualTo(UPLOAD);
    assertThat(uploader.wrongBytes.get()).isZero();
    // one read and its framing above the mark
    assertThat(mostPending.get()).isLessThan(LIMITS.bodyBufferHighWater() + 128 * 1024);
    // An answer that begins before the request has ended says that it is the last.
    assertThat(uploader.availableAgain.get()).isZero();
  }

  private Uploader connect(InetSocketAddress address) {
    Uploader uploader = new Uploader();
    Http1ClientConnection connection = new Http1ClientConnection(uploader, LIMITS);
    uploader.connection = connection;
    new Bootstrap()
        .group(loop)
        .channel(NioSocketChannel.class)
        .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER)
        .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER)
        .handler(connection)
        .connect(address)
        .syncUninterruptibly();
    return uploader;
  }

  /** Sends back what it gets, and takes in no more than it can send. */
  private static final class Echo implements HttpStreamHandler {
    private final HttpStream stream;
    private final AtomicLong mostPending;

    Echo(HttpStream stream, AtomicLong mostPending) {
      this.stream = stream;
      this.mostPending = mostPending;
    }

    @Override
    public void onHeaders(HeaderMap headers, boolean endStream) {
      stream.writeHeaders(ServerFixture.response(200), endStream);
    }

    @Override
    public void onData(ByteBuf data, boolean endStream) {
      stream.writeData(data, endStream);
      Channel channel = stream.channel();
      long pending =
          channel.isWritable()
              ? 0
              : channel.config().getWriteBufferLowWaterMark() + channel.bytesBeforeWritable();
      mostPending.accumulateAndGet(pending, Math::max);
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

  /** Sends a long body as fast as it is taken, paused as a reader at first. */
  private static final class Uploader implements HttpStreamHandler, HttpClientConnection.Listener {
    final AtomicInteger stalls = new AtomicInteger();
    final AtomicInteger availableAgain = new AtomicInteger();
    final AtomicLong received = new AtomicLong();
    final AtomicLong wrongBytes = new AtomicLong();
    volatile boolean ended;
    private @Nullable HttpClientConnection connection;
    private @Nullable HttpStream stream;
    private int sent;

    HttpStream stream() {
      return requireNonNull(stream);
    }

    void begin() {
      stream = requireNonNull(connection).newStream(this);
      stream.writeHeaders(ClientFixture.head("POST"), false);
      stream.pauseReading();
      pump();
    }

    private void pump() {
      while (sent < UPLOAD && stream().isWritable()) {
        int length = Math.min(UPLOAD - sent, 1 + sent % 10_000);
        byte[] octets = new byte[length];
        for (int i = 0; i < length; i++) {
          octets[i] = (byte) ((sent + i) % 251);
        }
        ByteBuf piece = stream().channel().alloc().directBuffer(length).writeBytes(octets);
        sent += length;
        stream().writeData(piece, sent == UPLOAD);
      }
      if (sent < UPLOAD) {
        stalls.incrementAndGet();
      }
    }

    @Override
    public void onHeaders(HeaderMap headers, boolean endStream) {}

    @Override
    public void onData(ByteBuf data, boolean endStream) {
      byte[] octets = new byte[data.readableBytes()];
      data.readBytes(octets);
      data.release();
      long at = received.get();
      for (byte octet : octets) {
        if ((octet & 0xff) != at++ % 251) {
          wrongBytes.incrementAndGet();
        }
      }
      received.set(at);
      if (endStream) {
        ended = true;
      }
    }

    @Override
    public void onTrailers(HeaderMap trailers) {}

    @Override
    public void onReset(StreamError error) {}

    @Override
    public void onWritabilityChanged() {
      pump();
    }

    @Override
    public void onStreamsAvailable(HttpClientConnection connection) {
      availableAgain.set(connection.availableStreams());
    }

    @Override
    public void onDraining(HttpClientConnection connection) {}

    @Override
    public void onClosed(HttpClientConnection connection) {}
  }

  private static SslContext serverTls() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    KeyPair keys = generator.generateKeyPair();
    X500Principal name = new X500Principal("CN=localhost");
    X509Certificate certificate =
        new JcaX509CertificateConverter()
            .getCertificate(
                new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.ONE,
                        Date.from(Instant.now().minusSeconds(60)),
                        Date.from(Instant.now().plusSeconds(600)),
                        name,
                        keys.getPublic())
                    .build(
                        new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    return SslContextBuilder.forServer(keys.getPrivate(), certificate).build();
  }

  /** The certificate is the test's own. */
  private static final class TrustAll implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
