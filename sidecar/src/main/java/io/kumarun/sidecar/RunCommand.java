package io.kumarun.sidecar;

import io.kumarun.sidecar.settings.Settings;
import io.kumarun.sidecar.settings.StartupException;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import sun.misc.Signal;

/** {@code kumarun run}: a sidecar until a signal ends it. */
@Command(
    name = "run",
    description = "Joins the mesh and proxies until SIGTERM; configured by environment variables.")
final class RunCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

  private final Map<String, String> environment;
  private final SidecarParts parts;

  RunCommand(Map<String, String> environment, SidecarParts parts) {
    this.environment = environment;
    this.parts = parts;
  }

  /** Exit code 0 after a signal; a start that fails throws, a refusal by the control plane too. */
  @Override
  public Integer call() {
    Settings settings = Settings.from(environment);
    Logging.setLevel(settings.logLevel());
    settings.warnings().forEach(LOG::warn);

    CompletableFuture<Integer> ended = new CompletableFuture<>();
    Sidecar sidecar = Sidecar.start(settings, parts);
    onSignals(() -> end(sidecar, ended));
    sidecar
        .refused()
        .thenAccept(sentence -> ended.completeExceptionally(new StartupException(sentence)));
    try {
      return ended.join();
    } catch (CompletionException e) {
      sidecar.close();
      throw e.getCause() instanceof StartupException refusal ? refusal : e;
    }
  }

  private static void end(Sidecar sidecar, CompletableFuture<Integer> ended) {
    Thread.ofPlatform()
        .name("shutdown")
        .start(
            () -> {
              sidecar.drainAndClose();
              ended.complete(0);
            });
  }

  /**
   * The first SIGTERM or SIGINT ends in good order, a second one at once. A shutdown hook could do
   * neither: it would leave exit code 143, and not see the second signal.
   */
  private static void onSignals(Runnable first) {
    int[] seen = new int[1];
    for (String name : new String[] {"TERM", "INT"}) {
      Signal.handle(
          new Signal(name),
          signal -> {
            synchronized (seen) {
              if (seen[0]++ == 0) {
                LOG.info("SIG{}: ending; a second signal ends at once", signal.getName());
                first.run();
              } else {
                Runtime.getRuntime().halt(128 + signal.getNumber());
              }
            }
          });
    }
  }
}
