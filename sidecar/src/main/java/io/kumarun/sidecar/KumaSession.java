package io.kumarun.sidecar;

import io.kumarun.kuma.BootstrapException;
import io.kumarun.kuma.DataplaneResource;
import io.kumarun.kuma.KumaClient;
import io.kumarun.kuma.KumaSettings;
import io.kumarun.kuma.KumaState;
import io.kumarun.kuma.inspect.Inventory;
import io.kumarun.sidecar.dataplane.DataplaneSource;
import io.kumarun.sidecar.settings.ControlPlaneCatalog;
import io.kumarun.sidecar.settings.SettingCatalog;
import io.kumarun.sidecar.settings.Settings;
import io.kumarun.sidecar.settings.StartupException;
import io.kumarun.telemetry.ProxyMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Kuma client, with a thread of its own for configurations: the event loops are traffic's. */
final class KumaSession implements MeshSession {
  /** A control plane that asks gives up after 5 s. */
  private static final Duration INVENTORY_PATIENCE = Duration.ofSeconds(4);

  private static final Duration REPORT_PATIENCE = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(KumaSession.class);

  private static final long LAST_CONFIGURATION_SECONDS = 5;

  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("mesh").factory());
  private final Receiver receiver;
  private final KumaClient client;
  private final @Nullable Path ownWorkDir;
  private final String caSetting;

  /**
   * Prepares to join.
   *
   * @throws StartupException if the Dataplane resource, the token or the certificates are unusable
   */
  KumaSession(Settings settings, Transport transport, ProxyMetrics metrics, Receiver receiver) {
    this.receiver = receiver;
    DataplaneToken token = new DataplaneToken(settings);
    token.get();
    DataplaneResource dataplane = DataplaneSource.dataplane(settings);
    caSetting = caSetting(settings);
    String unused = caPem(settings); // now: a file that cannot be read stops the start
    Path workDir = settings.workDir();
    this.ownWorkDir = workDir == null ? temporaryFolder() : null;
    if (workDir != null) {
      make(workDir);
    }
    String hostIp = settings.host().hostIp();
    client =
        new KumaClient(
            new KumaSettings(
                settings.controlPlaneUrl(),
                () -> caPem(settings),
                settings.controlPlaneSkipVerify(),
                token,
                dataplane,
                settings.readinessPort(),
                String.valueOf(workDir == null ? ownWorkDir : workDir),
                hostIp == null ? Map.of() : Map.of("HOST_IP", hostIp),
                ThisHost.facts(settings.host()),
                VersionCommand.version(),
                settings.controlPlaneRetryBackoff(),
                settings.controlPlaneRetryMaxDuration()),
            transport.eventLoops(),
            transport.clientChannelType(),
            executor,
            receiver::onConfig,
            receiver::ready,
            metrics.controlPlaneMetrics());
  }

  @Override
  public void start() {
    try {
      client
          .start()
          .whenComplete(
              (bootstrap, failure) -> {
                if (failure != null) {
                  failed(failure);
                } else if (bootstrap.admin() != null) {
                  receiver.onAdminAddress(bootstrap.admin());
                }
              });
    } catch (IllegalArgumentException e) {
      throw new StartupException(caSetting + ": " + e.getMessage());
    }
  }

  @Override
  public KumaState state() {
    return client.state();
  }

  @Override
  public Inventory inventory() {
    try {
      return client.inventory().get(INVENTORY_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the sidecar ends", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("a configuration is being applied; ask again", e);
    }
  }

  @Override
  public boolean reportUnready() {
    try {
      return client.reportHealthNow().get(REPORT_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("The control plane was not told of the end: {}", e.toString());
      return false;
    }
  }

  @Override
  public void close() {
    client.stop();
    executor.shutdown();
    awaitLastConfiguration();
    if (ownWorkDir != null) {
      try {
        Files.deleteIfExists(ownWorkDir);
      } catch (IOException e) {
        LOG.debug("The temporary folder {} stays: {}", ownWorkDir, e.toString());
      }
    }
  }

  /** What it would be applied to is closed next. */
  private void awaitLastConfiguration() {
    try {
      if (!executor.awaitTermination(LAST_CONFIGURATION_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("A configuration was still being applied when the sidecar closed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void failed(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    switch (cause) {
      case CancellationException stopped -> LOG.debug("Stopped before the mesh was joined");
      case BootstrapException refusal -> receiver.onRefused(String.valueOf(refusal.getMessage()));
      case StartupException reason -> receiver.onRefused(String.valueOf(reason.getMessage()));
      default -> {
        LOG.error("Joining the mesh failed", cause);
        receiver.onRefused("joining the mesh failed: " + cause);
      }
    }
  }

  private static String caPem(Settings settings) {
    Path file = settings.controlPlaneCaCertFile();
    if (file != null) {
      return read(file, caSetting(settings));
    }
    String text = settings.controlPlaneCaCert();
    return text == null ? "" : text;
  }

  private static String caSetting(Settings settings) {
    Path file = settings.controlPlaneCaCertFile();
    return file == null
        ? ControlPlaneCatalog.CA_CERT.name()
        : ControlPlaneCatalog.CA_CERT_FILE.name() + "=" + file;
  }

  private static String read(Path file, String setting) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new StartupException(setting + ": cannot be read (" + e.getMessage() + ")");
    }
  }

  private static void make(Path workDir) {
    try {
      Files.createDirectories(workDir);
    } catch (IOException e) {
      throw new StartupException(
          SettingCatalog.WORK_DIR.name() + "=" + workDir + ": cannot be made (" + e + ")");
    }
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("kumarun-");
    } catch (IOException e) {
      throw new StartupException(
          "no temporary folder can be made ("
              + e.getMessage()
              + "); set "
              + SettingCatalog.WORK_DIR.name());
    }
  }
}
