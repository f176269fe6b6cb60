package io.kumarun.sidecar.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Serves pages over HTTP/1.1, apart from the traffic: on an event loop of its own, and each page is
 * made on a thread of its own. A scrape costs the traffic nothing, and a busy loop does not delay a
 * probe. Any thread but an event loop.
 */
public final class AdminServer implements AutoCloseable {
  /** Of all places together; more are closed at once. */
  private static final int MAX_CONNECTIONS = 64;

  private static final int MAX_HEAD_BYTES = 16 * 1024;
  private static final int IDLE_SECONDS = 60;

  /** Of sun_path in Linux's sockaddr_un, in bytes, without the zero at its end. */
  private static final int LONGEST_SOCKET_PATH = 107;

  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("admin", true), NioIoHandler.newFactory());
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger connections = new AtomicInteger();
  private final List<Channel> servers = new ArrayList<>();
  private final List<Path> sockets = new ArrayList<>();
  private boolean closed;

  /**
   * Begins to serve on TCP.
   *
   * @return the port
   * @throws IOException if it cannot be listened on
   */
  public synchronized int listen(InetSocketAddress address, AdminPages pages) throws IOException {
    Channel server = bind(address, NioServerSocketChannel::new, pages);
    return ((InetSocketAddress) server.localAddress()).getPort();
  }

  /**
   * Begins to serve on a Unix domain socket that only the user of this process may use. One that
   * was left behind is replaced; the socket goes when this closes.
   *
   * @throws IOException if it cannot be listened on
   */
  public synchronized void listen(Path socket, AdminPages pages) throws IOException {
    if (Files.exists(socket, LinkOption.NOFOLLOW_LINKS)
        && !Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
            .isOther()) {
      throw new IOException("there is a file that is no socket");
    }
    if (socket.toString().getBytes(UTF_8).length > LONGEST_SOCKET_PATH) {
      throw new IOException("its path is longer than that of a socket may be");
    }
    // It gets its mode in a folder of this user's alone, so that nobody connects before.
    Path folder = Files.createTempDirectory(socket.toAbsolutePath().getParent(), "");
    try {
      Path unseen = folder.resolve("s");
      Channel server = bind(address(unseen), NioServerDomainSocketChannel::new, pages);
      try {
        Files.setPosixFilePermissions(unseen, PosixFilePermissions.fromString("rw-------"));
        Files.move(unseen, socket, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        servers.remove(server);
        server.close().awaitUninterruptibly();
        Files.deleteIfExists(unseen);
        throw e;
      }
      sockets.add(socket);
    } finally {
      Files.deleteIfExists(folder);
    }
  }

  private static UnixDomainSocketAddress address(Path socket) throws IOException {
    try {
      return UnixDomainSocketAddress.of(socket);
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private Channel bind(
      SocketAddress address, ChannelFactory<? extends ServerChannel> factory, AdminPages pages)
      throws IOException {
    if (closed) {
      throw new IOException("this sidecar has ended");
    }
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loop)
            .channelFactory(factory)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    accept(channel, pages);
                  }
                })
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(String.valueOf(bound.cause().getMessage()), bound.cause());
    }
    servers.add(bound.channel());
    return bound.channel();
  }

  private void accept(Channel channel, AdminPages pages) {
    channel.closeFuture().addListener(done -> connections.decrementAndGet());
    if (connections.incrementAndGet() > MAX_CONNECTIONS) {
      channel.close();
      return;
    }
    channel
        .pipeline()
        .addLast(
            new IdleStateHandler(0, 0, IDLE_SECONDS),
            new HttpServerCodec(
                new HttpDecoderConfig()
                    .setMaxInitialLineLength(MAX_HEAD_BYTES)
                    .setMaxHeaderSize(MAX_HEAD_BYTES)),
            new FlowControlHandler(),
            new AdminConnection(pages, executor));
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      servers.forEach(server -> server.close().awaitUninterruptibly());
      for (Path socket : sockets) {
        try {
          Files.deleteIfExists(socket);
        } catch (IOException e) {
          // The next start replaces it.
        }
      }
    }
    executor.shutdownNow();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }
}
