package io.kumarun.devmesh.controlplane;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.kumarun.devmesh.authority.ControlPlaneIdentity;
import io.kumarun.devmesh.authority.TokenAuthenticator;
import io.kumarun.devmesh.authority.TokenIssuer;
import io.kumarun.devmesh.authority.Validity;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A control plane inside this process, listening on 127.0.0.1: bootstrap on one port, xDS on
 * another, which the bootstrap names. What data planes get is given to it with {@link #publish};
 * what they say is in its {@link #journal}. Any thread.
 */
public final class EmbeddedControlPlane implements AutoCloseable {

  private static final long KEEPALIVE_PERMITTED_SECONDS = 15;

  private volatile ControlPlaneIdentity identity = ControlPlaneIdentity.create();
  private final TokenIssuer tokens;
  private final TokenAuthenticator authenticator;
  private final Journal journal = new Journal();
  private final Registrations registrations = new Registrations();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("control-plane-timer").factory());
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final AdsContext ads;
  private final ControlPlaneSettings settings;
  private final int bootstrapPort;
  private final int adsPort;
  private volatile int announcedAdsPort;
  private HttpServer bootstrapServer;
  private Server adsServer;
  private boolean away;

  private EmbeddedControlPlane(ControlPlaneSettings settings, @Nullable Timers timers) {
    this.settings = settings;
    Timers time = timers == null ? Timers.of(timer) : timers;
    tokens = new TokenIssuer(time::now);
    authenticator = new TokenAuthenticator(tokens);
    ads = new AdsContext(registrations, journal, settings, authenticator, time);
    adsServer = startAds(settings.adsPort());
    adsPort = adsServer.getPort();
    announcedAdsPort = adsPort;
    bootstrapServer = startBootstrap(settings.bootstrapPort());
    bootstrapPort = bootstrapServer.getAddress().getPort();
  }

  /**
   * Starts one.
   *
   * @throws UncheckedIOException if a given port is taken
   */
  public static EmbeddedControlPlane start(ControlPlaneSettings settings) {
    return new EmbeddedControlPlane(settings, null);
  }

  /** Starts one in a time of its own. */
  public static EmbeddedControlPlane start(ControlPlaneSettings settings, Timers timers) {
    return new EmbeddedControlPlane(settings, timers);
  }

  /** What {@code KUMA_CONTROL_PLANE_URL} is set to: {@code https://127.0.0.1:port}. */
  public URI url() {
    return URI.create("https://127.0.0.1:" + bootstrapPort);
  }

  public int adsPort() {
    return adsPort;
  }

  /** The certificates of this control plane; {@code authority()} is what data planes trust. */
  public ControlPlaneIdentity identity() {
    return identity;
  }

  public TokenIssuer tokens() {
    return tokens;
  }

  /** Who decides about tokens: takes keys of other issuers, and revocations. */
  public TokenAuthenticator authenticator() {
    return authenticator;
  }

  public Journal journal() {
    return journal;
  }

  /**
   * Makes a mesh known.
   *
   * @param identityFromWorkload whether a MeshIdentity makes SPIFFE ids from the workload label, so
   *     that tokens must be bound to a workload
   */
  public void addMesh(String mesh, boolean identityFromWorkload) {
    registrations.addMesh(mesh, identityFromWorkload);
  }

  /** Creates a Dataplane beforehand, which then need not bring its resource along. */
  public void createDataplane(String json) {
    registrations.create(DataplaneResource.parse(json, false));
  }

  /** From now on the data plane gets these resources; if it is connected, it is told at once. */
  public void publish(String mesh, String dataplane, Snapshot snapshot) {
    String nodeId = mesh + "." + dataplane;
    registrations.publish(nodeId, snapshot);
    ads.refresh(nodeId);
  }

  /** Changes what a data plane gets; if it is connected, it is told at once. */
  public void edit(String mesh, String dataplane, UnaryOperator<Snapshot> change) {
    String nodeId = mesh + "." + dataplane;
    registrations.edit(nodeId, change);
    ads.refresh(nodeId);
  }

  /**
   * From now on each stream of a data plane begins with a new certificate, and another one comes
   * after 4/5 of its lifetime. It takes the place of the one before it in what the data plane gets;
   * a secret that was put there by hand stays.
   *
   * @return the first one, for {@link #publish}
   */
  public Secret certify(String mesh, String dataplane, Function<Validity, Secret> issuer) {
    return ads.certificates().issueBy(mesh + "." + dataplane, issuer);
  }

  /** Ends what {@link #certify} began. */
  public void certifyNoMore(String mesh, String dataplane) {
    ads.certificates().stop(mesh + "." + dataplane);
  }

  /** What the data plane gets at the moment. */
  public Snapshot snapshot(String mesh, String dataplane) {
    return registrations.snapshot(mesh + "." + dataplane);
  }

  /** Ends the stream of a data plane with UNAVAILABLE. */
  public void disconnect(String mesh, String dataplane) {
    ads.disconnect(mesh + "." + dataplane);
  }

  /** Goes away: streams break and ports refuse, until {@link #resume()}. */
  public synchronized void suspend() {
    if (!away) {
      away = true;
      ads.restart();
      bootstrapServer.stop(0);
      stopAds();
    }
  }

  /**
   * Comes back on the same ports with everything it knew but who was connected, as a new process on
   * the same database.
   */
  public synchronized void resume() {
    if (away) {
      away = false;
      adsServer = startAds(adsPort);
      bootstrapServer = startBootstrap(bootstrapPort);
    }
  }

  /** Gets new certificates, of another authority, for the time after {@link #resume()}. */
  public void changeAuthority() {
    identity = ControlPlaneIdentity.create();
  }

  /** Tells data planes in their bootstrap that xDS is on this port: a way to it, or to nowhere. */
  public void announceAdsPort(int port) {
    announcedAdsPort = port;
  }

  /** From now on behaves badly, in this one way. */
  public void misbehave(Misbehaviour misbehaviour) {
    behave();
    switch (misbehaviour) {
      case Misbehaviour.Vanishes vanishes -> suspend();
      case Misbehaviour.SendsUnasked unasked -> ads.sendUnasked(unasked.response());
      case Misbehaviour.RefusesBootstrap refuses -> ads.conduct().begin(refuses);
      case Misbehaviour.RefusesStreams refuses -> ads.conduct().begin(refuses);
      case Misbehaviour.Hangs hangs -> ads.conduct().begin(hangs);
      case Misbehaviour.RepeatsResponses repeats -> ads.conduct().begin(repeats);
      case Misbehaviour.ReversesResponses reverses -> ads.conduct().begin(reverses);
    }
  }

  /** Behaves well again, and makes up for what it left unanswered. */
  public void behave() {
    resume();
    ads.behave();
  }

  @Override
  public synchronized void close() {
    ads.conduct().end();
    suspend();
    timer.shutdownNow();
    workers.shutdownNow();
  }

  private void stopAds() {
    adsServer.shutdownNow();
    try {
      if (!adsServer.awaitTermination(5, TimeUnit.SECONDS)) {
        throw new IllegalStateException("The xDS server did not stop");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Server startAds(int port) {
    try {
      NettyServerBuilder builder =
          NettyServerBuilder.forAddress(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
              .sslContext(
                  GrpcSslContexts.configure(
                          SslContextBuilder.forServer(
                              identity.server().privateKey(), identity.server().certificate()))
                      .build())
              .permitKeepAliveTime(KEEPALIVE_PERMITTED_SECONDS, TimeUnit.SECONDS)
              .permitKeepAliveWithoutCalls(true)
              .executor(workers)
              .intercept(new AdsService.Credentials())
              .addService(new AdsService(ads));
      if (settings.healthDiscovery()) {
        builder.addService(new HealthService(ads));
      }
      return builder.build().start();
    } catch (IOException e) {
      throw new UncheckedIOException("xDS cannot be served on port " + port, e);
    }
  }

  private HttpServer startBootstrap(int port) {
    try {
      HttpsServer server =
          HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
      server.setHttpsConfigurator(new HttpsConfigurator(serverTls()));
      server.setExecutor(workers);
      server.createContext(
          "/bootstrap",
          new BootstrapHandler(
              registrations,
              journal,
              ads.conduct(),
              new BootstrapDocument(
                  () -> announcedAdsPort,
                  identity.authority().certificatePem(),
                  settings.healthDiscovery())));
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException("Bootstrap cannot be served on port " + port, e);
    }
  }

  private SSLContext serverTls() {
    try {
      char[] none = new char[0];
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(null, none);
      keys.setKeyEntry(
          "server",
          identity.server().privateKey(),
          none,
          new Certificate[] {identity.server().certificate()});
      KeyManagerFactory managers =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      managers.init(keys, none);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(managers.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("The server certificate could not be used", e);
    }
  }
}
