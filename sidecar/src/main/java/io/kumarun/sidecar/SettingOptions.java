package io.kumarun.sidecar;

import io.kumarun.sidecar.settings.CommandLineFlags;
import io.kumarun.sidecar.settings.IneffectiveSettings;
import io.kumarun.sidecar.settings.Setting;
import io.kumarun.sidecar.settings.SettingCatalog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The settings as flags of a command, in kuma-dp's syntax: a switch alone means true. */
final class SettingOptions {
  private SettingOptions() {}

  /** For a command that takes all of them. */
  static void addTo(CommandSpec command) {
    add(command, flag -> true);
  }

  /** As kuma-dp, whose flags of the log may also stand before the command. */
  static void addThoseOfTheLogTo(CommandSpec program) {
    add(program, flag -> flag.startsWith("--log-"));
  }

  /** What was typed, to the left and to the right of the command. */
  static CommandLineFlags given(CommandSpec command) {
    Map<String, List<String>> values = new HashMap<>();
    for (@Nullable CommandSpec at = command; at != null; at = at.parent()) {
      ParseResult parsed = at.commandLine().getParseResult();
      for (OptionSpec option : parsed.matchedOptions()) {
        values
            .computeIfAbsent(option.longestName(), flag -> new ArrayList<>())
            .addAll(0, option.stringValues());
      }
    }
    return new CommandLineFlags(values);
  }

  private static void add(CommandSpec command, Predicate<String> wanted) {
    SettingCatalog.all().forEach(setting -> add(command, wanted, setting, false));
    IneffectiveSettings.all().forEach(setting -> add(command, wanted, setting, true));
  }

  private static void add(
      CommandSpec command, Predicate<String> wanted, Setting<?> setting, boolean hidden) {
    if (setting.flags().isEmpty() || !wanted.test(setting.flags().getFirst())) {
      return;
    }
    command.addOption(
        OptionSpec.builder(setting.flags().toArray(String[]::new))
            .type(List.class)
            .auxiliaryTypes(String.class)
            .arity(setting.isSwitch() ? "0..1" : "1")
            .fallbackValue("true")
            .paramLabel("VALUE")
            .description(setting.help())
            .hidden(hidden)
            .build());
  }
}
