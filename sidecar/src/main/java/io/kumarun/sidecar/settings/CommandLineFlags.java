package io.kumarun.sidecar.settings;

import java.util.List;
import java.util.Map;

/**
 * What the command line says.
 *
 * @param values by the long name of the flag, in the order in which they were typed; of most the
 *     last one counts
 */
public record CommandLineFlags(Map<String, List<String>> values) {
  public static final CommandLineFlags NONE = new CommandLineFlags(Map.of());

  public CommandLineFlags {
    values = Map.copyOf(values);
  }

  List<String> all(String flag) {
    return values.getOrDefault(flag, List.of());
  }

  /** Empty: not given. */
  String last(Setting<?> setting) {
    List<String> given = setting.flags().isEmpty() ? List.of() : all(setting.flags().getFirst());
    return given.isEmpty() ? "" : given.getLast();
  }
}
