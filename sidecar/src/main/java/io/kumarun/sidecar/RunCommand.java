package io.kumarun.sidecar;

import io.kumarun.sidecar.settings.Settings;
import io.kumarun.sidecar.settings.StartupException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
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
    sortOptions = false,
    footer = "More settings have no flag but a variable: README.md has all of them.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

  /** For a start that is under way when it is told to end. */
  private static final Duration START_PATIENCE = Duration.ofSeconds(1);

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
        () -> end(started, ended),
        () -> started.thenAccept(Sidecar::cutDrainingShort),
        () -> started.thenAccept(Sidecar::drainInbound));
    // A start may wait, for standard input or the metadata server; a signal is to end that as well.
    started.completeAsync(
        () -> Sidecar.start(settings, parts),
        start -> Thread.ofPlatform().daemon().name("start").start(start));
    started.whenComplete(
        (sidecar, failure) -> {
          if (failure != null) {
            ended.completeExceptionally(failure);
          } else {
            sidecar
                .refused()
                .thenAccept(
                    sentence -> ended.completeExceptionally(new StartupException(sentence)));
          }
        });
    try {
      return ended.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw e;
      }
    } finally {
      started.thenAccept(Sidecar::close);
    }
  }

  /** A start that waits, and has served nothing, is given up. */
  private static void end(CompletableFuture<Sidecar> started, CompletableFuture<Integer> ended) {
    started
        .copy()
        .orTimeout(START_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .whenCompleteAsync(
            (sidecar, failure) -> {
              if (failure == null) {
                sidecar.drainAndClose();
              }
              ended.complete(0);
            },
            shutdown -> Thread.ofPlatform().name("shutdown").start(shutdown));
  }
}
