package io.kumarun.sidecar;

import io.kumarun.proxy.config.Address;
import io.kumarun.sidecar.admin.AdminPages;
import io.kumarun.sidecar.admin.AdminServer;
import io.kumarun.sidecar.admin.AdminSource;
import io.kumarun.sidecar.settings.SettingCatalog;
import io.kumarun.sidecar.settings.StartupException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pages of a sidecar, and where they are. Any thread but an event loop. */
final class AdminInterface implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdminInterface.class);

  private final AdminServer server = new AdminServer();
  private final AdminSource source;

  AdminInterface(AdminSource source) {
    this.source = source;
  }

  /**
   * For probes and people, on loopback.
   *
   * @return the port
   * @throws StartupException if it cannot be listened on
   */
  int listenForProbes(int port) {
    try {
      return server.listen(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
          AdminPages.ofReadinessPort(source));
    } catch (IOException e) {
      throw new StartupException(
          SettingCatalog.READINESS_PORT.name()
              + "="
              + port
              + ": cannot listen there ("
              + e.getMessage()
              + "); is another sidecar running? Choose another port");
    }
  }

  /** For the control plane, which only misses the pages where this fails. */
  void listenForControlPlane(Address address) {
    AdminPages pages = AdminPages.ofEnvoy(source);
    try {
      switch (address) {
        case Address.Pipe(String path) -> server.listen(Path.of(path), pages);
        case Address.Socket(String host, int port) -> {
          InetAddress wanted = InetAddress.ofLiteral(host);
          if (!wanted.isLoopbackAddress()) {
            throw new IOException("it is not on loopback, and nobody would be kept out");
          }
          server.listen(new InetSocketAddress(wanted, port), pages);
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn(
          "The admin interface cannot be served on {} ({}); the control plane cannot inspect this"
              + " data plane",
          address,
          e.getMessage());
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
