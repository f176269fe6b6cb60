package io.kumarun.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.netty.internal.tcnative.SSL;
import java.net.SocketAddress;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The native TLS contexts of the program, one per distinct {@link ServerTls} or {@link ClientTls}.
 * Any thread.
 *
 * <p>Ownership: this object holds one reference to each context until {@link #retainOnly} no longer
 * names its settings, or until {@link #close}; each connection holds another one. A rotated secret
 * makes new settings and thus a new context with an empty session cache; the old one is freed with
 * its last connection. A connection that comes with settings already let go gets a context built
 * anew, which stays until the next {@link #retainOnly}.
 *
 * <p>Building a context takes milliseconds: {@link #prepare} it away from the event loops.
 */
public final class TlsContexts implements AutoCloseable {
  /** No host name, so that the TLS library never derives an SNI from it. */
  private static final String ENDPOINT_PREFIX = "/";

  private final InstantSource clock;
  private final ContextCache<ServerTls> servers = new ContextCache<>(this::buildServer);
  private final ContextCache<ClientTls> clients = new ContextCache<>(this::buildClient);

  /**
   * @param clock what certificates are checked against
   */
  public TlsContexts(InstantSource clock) {
    this.clock = clock;
  }

  /** Builds what is missing, so that no event loop has to. */
  public void prepare(Collection<ServerTls> serverSettings, Collection<ClientTls> clientSettings) {
    serverSettings.forEach(servers::get);
    clientSettings.forEach(clients::get);
  }

  /** Whether there is a context for these settings already. */
  public boolean has(ClientTls settings) {
    return clients.peek(settings) != null;
  }

  /** Lets go of every context whose settings are not named. To call when a configuration is in. */
  public void retainOnly(Set<ServerTls> serverSettings, Set<ClientTls> clientSettings) {
    servers.retainOnly(serverSettings);
    clients.retainOnly(clientSettings);
  }

  /** Lets go of all contexts; running connections keep theirs. */
  @Override
  public void close() {
    retainOnly(Set.of(), Set.of());
  }

  /**
   * Adds TLS for an accepted connection at the end of the pipeline: decryption and the check of the
   * peer, inseparable. What is added after it hears {@link PeerVerified} before the first byte, or
   * {@link TlsRejected} and then the end of the connection.
   *
   * @throws TlsContextException if the settings were not prepared and cannot be served
   */
  public void addServerTls(ChannelPipeline pipeline, ServerTls tls) {
    TlsContext context = servers.get(tls);
    SslHandler handler = context.newHandler(pipeline.channel().alloc(), null);
    while (handler == null) {
      context = servers.replace(tls, context);
      handler = context.newHandler(pipeline.channel().alloc(), null);
    }
    pipeline.addLast(
        handler,
        new PeerIdentityHandler(
            handler, context.peers(), PeerRole.CLIENT, tls.requireClientCertificate(), clock));
  }

  /**
   * Adds TLS for a connection to an upstream at the end of the pipeline; otherwise as {@link
   * #addServerTls}. Sessions are kept by the channel's remote address, as far as it is known.
   *
   * @throws TlsContextException if the settings were not prepared and cannot be served
   */
  public void addClientTls(ChannelPipeline pipeline, ClientTls tls) {
    SocketAddress remote = pipeline.channel().remoteAddress();
    addClientTls(pipeline, tls, remote == null ? "" : remote.toString());
  }

  /**
   * As {@link #addClientTls(ChannelPipeline, ClientTls)}.
   *
   * @param endpoint a label of the server, by which sessions are kept for resumption
   */
  public void addClientTls(ChannelPipeline pipeline, ClientTls tls, String endpoint) {
    ByteBufAllocator allocator = pipeline.channel().alloc();
    String sessionsOf = ENDPOINT_PREFIX + endpoint;
    TlsContext context = clients.get(tls);
    SslHandler handler = context.newHandler(allocator, sessionsOf);
    while (handler == null) {
      context = clients.replace(tls, context);
      handler = context.newHandler(allocator, sessionsOf);
    }
    if (!tls.sni().isEmpty()) {
      // Kuma's names are not always host names, and Java's API sends only those.
      SSL.setTlsExtHostName(
          ((ReferenceCountedOpenSslEngine) handler.engine()).sslPointer(), tls.sni());
    }
    pipeline.addLast(
        handler,
        new PeerIdentityHandler(
            handler, context.peers(), PeerRole.SERVER, tls.peerValidation() != null, clock));
  }

  private TlsContext buildServer(ServerTls tls) {
    PeerValidation validation = tls.peerValidation();
    VerifiedPeers peers =
        validation == null ? null : new VerifiedPeers(validation, PeerRole.CLIENT);
    return new TlsContext(SslContextFactory.server(tls, peers, clock), peers);
  }

  private TlsContext buildClient(ClientTls tls) {
    PeerValidation validation = tls.peerValidation();
    VerifiedPeers peers =
        validation == null ? null : new VerifiedPeers(validation, PeerRole.SERVER);
    return new TlsContext(SslContextFactory.client(tls, peers, clock), peers);
  }

  /** For tests: the context in use for the settings, or null. */
  @Nullable TlsContext peek(ServerTls tls) {
    return servers.peek(tls);
  }

  /** For tests: the context in use for the settings, or null. */
  @Nullable TlsContext peek(ClientTls tls) {
    return clients.peek(tls);
  }
}
