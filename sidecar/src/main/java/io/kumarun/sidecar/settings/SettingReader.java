package io.kumarun.sidecar.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Looks settings up on the command line, then in the environment, then among the defaults; collects
 * problems instead of stopping at the first.
 */
final class SettingReader {
  private final Map<String, String> environment;
  private final CommandLineFlags flags;
  private final List<String> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  SettingReader(Map<String, String> environment, CommandLineFlags flags) {
    this.environment = environment;
    this.flags = flags;
  }

  List<String> problems() {
    return problems;
  }

  List<String> warnings() {
    return warnings;
  }

  void problem(String sentence) {
    problems.add(sentence);
  }

  void warning(String sentence) {
    warnings.add(sentence);
  }

  boolean isSet(Setting<?> setting) {
    return !flags.last(setting).isBlank() || !variable(setting).isBlank();
  }

  /** Null if unset or wrong. */
  <T> @Nullable T optional(Setting<T> setting) {
    String flag = flags.last(setting);
    String variable = variable(setting);
    if (flag.isBlank()) {
      return variable.isBlank() ? null : parse(setting, setting.name(), variable);
    }
    if (!variable.isBlank() && !variable.equals(flag)) {
      warning(
          setting.flags().getFirst()
              + " wins over "
              + setting.name()
              + ", which is set to something else (kuma-dp would take the variable)");
    }
    return parse(setting, setting.flags().getFirst(), flag);
  }

  /** The default stands in for a wrong value, so that the others are looked at too. */
  <T> T value(Setting<T> setting) {
    T value = optional(setting);
    return value != null ? value : setting.parser().apply(setting.defaultText());
  }

  /** What the template of a Dataplane is filled with. */
  Map<String, String> templateVariables() {
    String flag = SettingCatalog.DATAPLANE_VARIABLES.name();
    try {
      return TemplateVariables.parse(flags.all(flag));
    } catch (WrongValueException e) {
      problem(flag + "=" + e.getMessage());
      return Map.of();
    }
  }

  private String variable(Setting<?> setting) {
    return setting.isVariable() ? environment.getOrDefault(setting.name(), "") : "";
  }

  private <T> @Nullable T parse(Setting<T> setting, String name, String text) {
    String shown = setting.secret() ? "(hidden)" : text;
    try {
      return setting.parser().apply(text);
    } catch (WrongValueException e) {
      problem(name + "=" + shown + ": " + e.getMessage());
    } catch (IllegalArgumentException e) {
      problem(name + "=" + shown + ": expected " + setting.expected());
    }
    return null;
  }
}
