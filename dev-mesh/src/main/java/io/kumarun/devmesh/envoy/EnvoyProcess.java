package io.kumarun.devmesh.envoy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * An Envoy as a child process, with one worker, its own shared memory id, and a directory of its
 * own for configuration and log. Its admin interface is where the bootstrap says, a socket or a
 * port. Any thread.
 */
public final class EnvoyProcess implements AutoCloseable {

  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(50);

  private final Process process;
  private final Path directory;
  private final EnvoyAdmin admin;

  private EnvoyProcess(Process process, Path directory, EnvoyAdmin admin) {
    this.process = process;
    this.directory = directory;
    this.admin = admin;
  }

  /**
   * Starts Envoy and waits until its admin interface says that it is live, which is after the first
   * complete configuration.
   *
   * @param binary the executable, as from {@link EnvoyBinary#find}
   * @param bootstrap YAML
   * @throws IllegalStateException with the end of its log, if it ends or is not live in time
   */
  public static EnvoyProcess start(Path binary, String bootstrap) {
    EnvoyProcess envoy = launch(binary, bootstrap);
    try {
      envoy.awaitLive(START_LIMIT);
    } catch (RuntimeException e) {
      envoy.close();
      throw e;
    }
    return envoy;
  }

  /** Starts Envoy and does not wait. */
  public static EnvoyProcess launch(Path binary, String bootstrap) {
    try {
      Path directory = Files.createTempDirectory("envoy");
      Path file = Files.writeString(directory.resolve("bootstrap.yaml"), bootstrap);
      Process process =
          new ProcessBuilder(
                  binary.toString(),
                  "-c",
                  file.toString(),
                  "--use-dynamic-base-id",
                  "--concurrency",
                  "1",
                  "--log-level",
                  "info",
                  "--drain-time-s",
                  "1")
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("envoy.log").toFile())
              .start();
      return new EnvoyProcess(process, directory, EnvoyAdmin.of(bootstrap));
    } catch (IOException e) {
      throw new UncheckedIOException("Envoy could not be started from " + binary, e);
    }
  }

  /** Its admin interface. */
  public EnvoyAdmin admin() {
    return admin;
  }

  /** What it has logged so far. */
  public String log() {
    try {
      return Files.readString(directory.resolve("envoy.log"));
    } catch (IOException e) {
      throw new UncheckedIOException("The log of Envoy cannot be read", e);
    }
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for {@code /ready} to answer LIVE. */
  public void awaitLive(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      if (!process.isAlive()) {
        throw new IllegalStateException(
            "Envoy ended with " + process.exitValue() + ": " + endOfLog());
      }
      if (admin.isLive()) {
        return;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException("Envoy was not live within " + limit + ": " + endOfLog());
      }
      pause();
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    deleteDirectory();
  }

  private void deleteDirectory() {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The directory of Envoy could not be deleted", e);
    }
  }

  private String endOfLog() {
    String log = log();
    return log.substring(Math.max(0, log.length() - 4000));
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for Envoy", e);
    }
  }
}
