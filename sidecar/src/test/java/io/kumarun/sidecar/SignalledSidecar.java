package io.kumarun.sidecar;

import io.kumarun.proxy.config.MeshConfig;
import java.io.PrintWriter;
import java.util.concurrent.locks.LockSupport;

/** The program with parts that do nothing but say on stdout what is asked of them. */
final class SignalledSidecar {
  private SignalledSidecar() {}

  /**
   * Has a configuration, and is ready, right after it has said "join"; with an argument it never
   * comes that far.
   */
  public static void main(String[] args) {
    PrintWriter out = new PrintWriter(System.out, true, System.out.charset());
    FakeParts parts = new FakeParts();
    parts.listener = out::println;
    parts.onJoin =
        () -> {
          if (args.length > 0) {
            LockSupport.park();
          }
          parts.receiver().onConfig(MeshConfig.EMPTY);
          parts.complete = true;
        };
    System.exit(Main.run(new String[] {"run"}, System.getenv(), parts, out, out));
  }
}
