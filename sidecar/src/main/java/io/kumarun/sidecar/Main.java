package io.kumarun.sidecar;

import io.kumarun.sidecar.settings.StartupException;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The command line: {@code kumarun run}, {@code dataplane}, {@code version}. */
@Command(
    name = "kumarun",
    description =
        "A Kuma data plane: joins an unmodified control plane as kuma-dp and Envoy would.",
    mixinStandardHelpOptions = true)
public final class Main {
  private Main() {}

  /** Exit codes: 0 ended as told, 1 could not start, 2 wrong command line. */
  public static void main(String[] args) {
    PrintWriter out = new PrintWriter(System.out, true, System.out.charset());
    PrintWriter err = new PrintWriter(System.err, true, System.err.charset());
    int code;
    try {
      code = run(args, System.getenv(), new ProductionParts(), out, err);
    } catch (Error e) {
      // A thread of the JVM's own server would keep half a sidecar alive.
      e.printStackTrace(err);
      code = CommandLine.ExitCode.SOFTWARE;
    }
    System.exit(code);
  }

  /** The program without its process, for tests. */
  static int run(
      String[] args,
      Map<String, String> environment,
      SidecarParts parts,
      PrintWriter out,
      PrintWriter err) {
    CommandLine program = new CommandLine(new Main());
    SettingOptions.addThoseOfTheLogTo(program.getCommandSpec());
    return program
        .addSubcommand(withSettings(new RunCommand(environment, parts)))
        .addSubcommand(withSettings(new DataplaneCommand(environment)))
        .addSubcommand(new VersionCommand())
        .setExpandAtFiles(false)
        .setOut(out)
        .setErr(err)
        .setParameterExceptionHandler(Main::wrongCommandLine)
        .setExecutionExceptionHandler(Main::failed)
        .execute(args.length == 0 ? new String[] {"--help"} : args);
  }

  private static CommandLine withSettings(Object command) {
    CommandLine line = new CommandLine(command);
    SettingOptions.addTo(line.getCommandSpec());
    return line;
  }

  private static int wrongCommandLine(ParameterException e, String[] args) {
    CommandLine top = e.getCommandLine();
    if (top.getParent() != null) {
      String help = "kumarun " + top.getCommandName() + " --help";
      top.getErr().println("kumarun: " + e.getMessage() + "; see " + help);
      return CommandLine.ExitCode.USAGE;
    }
    String commands = String.join(", ", top.getSubcommands().keySet());
    top.getErr().println("kumarun: " + e.getMessage() + "; the commands are: " + commands);
    return CommandLine.ExitCode.USAGE;
  }

  /** What an operator can change is said without a stack trace; anything else is a bug of ours. */
  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
    if (e instanceof StartupException) {
      String.valueOf(e.getMessage())
          .lines()
          .forEach(line -> command.getErr().println("kumarun: " + line));
    } else {
      command.getErr().println("kumarun: this is a bug, please report it:");
      e.printStackTrace(command.getErr());
    }
    return CommandLine.ExitCode.SOFTWARE;
  }
}
