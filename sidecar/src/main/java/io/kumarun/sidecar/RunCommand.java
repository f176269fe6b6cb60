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
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code kumarun run}: a sidecar until a signal ends it. */
@Command(
    name = "run",
    description =
        "Joins the mesh and proxies until SIGTERM; configured by environment variables, or by"
            + " kuma-dp's flags, which win.",
    abbreviateSynopsis = true,
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

  private final Map<String, String> environment;
  private final SidecarParts parts;

  @Spec private CommandSpec spec = CommandSpec.create();

  RunCommand(Map<String, String> environment, SidecarParts parts) {
    this.environment = environment;
    this.parts = parts;
  }

  /** Exit code 0 after a signal; a start that fails throws, a refusal by the control plane too. */
  @Override
  public Integer call() {
    Settings settings = Settings.from(environment, SettingOptions.given(spec));
    Logging.setLevel(settings.logLevel());
    settings.warnings().forEach(LOG::warn);

    CompletableFuture<Integer> ended = new CompletableFuture<>();
    CompletableFuture<Sidecar> started = new CompletableFuture<>();
    Signals.handle(
        () -> started.thenAccept(running -> end(running, ended)),
        () -> started.thenAccept(Sidecar::cutDrainingShort),
        () -> started.thenAccept(Sidecar::drainInbound));
    Sidecar sidecar = Sidecar.start(settings, parts);
    started.complete(sidecar);
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
}
