package io.kumarun.devmesh;

import io.kumarun.devmesh.envoy.EnvoyBinary;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The first run: a whole mesh on this machine, and a few requests through it. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description =
        "Starts a control plane, two services and a sidecar for each, and shows what happens to a"
            + " request. Ctrl-C ends everything.")
public final class DemoMain implements Callable<Integer> {

  @Option(
      names = "--sidecar",
      paramLabel = "COMMAND",
      description = "The kumarun command; it is started as 'COMMAND run'.")
  private @Nullable Path sidecar;

  @Option(names = "--envoy", description = "Use real Envoys as sidecars instead, for comparison.")
  private boolean envoy;

  @Option(
      names = "--once",
      description = "End after the requests: 0 if all went as they should, 1 otherwise.")
  private boolean once;

  private DemoMain() {}

  /** Runs the demo and exits. */
  public static void main(String[] arguments) {
    // Nobody reads the logs of the control plane here; SLF4J need not say that it has no provider.
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    System.exit(new CommandLine(new DemoMain()).execute(arguments));
  }

  @Override
  public Integer call() {
    DemoSidecars sidecars = sidecars();
    if (sidecars == null) {
      return 1;
    }
    CountDownLatch closed = new CountDownLatch(1);
    Thread main = Thread.currentThread();
    Thread hook =
        new Thread(
            () -> {
              main.interrupt();
              awaitQuietly(closed);
            });
    Runtime.getRuntime().addShutdownHook(hook);
    try (Demo demo = Demo.start(sidecars, System.out)) {
      demo.run();
      if (!once) {
        demo.stayUp();
      }
      return 0;
    } catch (DemoFailure failure) {
      System.err.println("The demo failed: " + failure.getMessage());
      return 1;
    } catch (InterruptedException e) {
      System.out.println("Ended.");
      return 0;
    } finally {
      closed.countDown();
    }
  }

  private @Nullable DemoSidecars sidecars() {
    if (!envoy) {
      if (sidecar == null) {
        System.err.println("Say which sidecar to start: --sidecar bin/kumarun, or --envoy.");
        return null;
      }
      return DemoSidecars.ofCommand(sidecar);
    }
    Path binary = EnvoyBinary.find(System.getenv("KUMARUN_ENVOY")).orElse(null);
    if (binary == null) {
      System.err.println("The demo cannot start: " + EnvoyBinary.MISSING);
      return null;
    }
    return DemoSidecars.ofEnvoy(binary);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
