package io.kumarun.sidecar.settings;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Variables that look like settings and are none: a misspelt one would be ignored in silence. */
final class UnknownSettings {
  private static final List<String> PREFIXES =
      List.of("KUMARUN_", "KUMA_DATAPLANE_", "KUMA_CONTROL_PLANE_");

  /** Read by the scripts and the tests, not by the program. */
  private static final List<String> OF_SCRIPTS =
      List.of("KUMARUN_JAVA_OPTS", "KUMARUN_ENVOY", "KUMARUN_REQUIRE_ENVOY");

  /** How many letters may be wrong for a name to be taken for a misspelt one. */
  private static final int LIKELY = 3;

  private UnknownSettings() {}

  /** A sentence for each. */
  static List<String> warnings(Map<String, String> environment) {
    List<String> known = known();
    List<String> warnings = new ArrayList<>();
    for (String name : new TreeSet<>(environment.keySet())) {
      if (PREFIXES.stream().anyMatch(name::startsWith) && !known.contains(name)) {
        String nearest =
            known.stream().min(Comparator.comparingInt(other -> distance(name, other))).orElse("");
        warnings.add(
            name
                + " is not a setting of this version and has no effect"
                + (distance(name, nearest) <= LIKELY ? "; did you mean " + nearest + "?" : ""));
      }
    }
    return warnings;
  }

  private static List<String> known() {
    return Stream.of(SettingCatalog.all(), IneffectiveSettings.all())
        .flatMap(List::stream)
        .map(Setting::name)
        .sorted()
        .collect(
            () -> new ArrayList<>(OF_SCRIPTS), ArrayList<String>::add, ArrayList<String>::addAll);
  }

  /** Levenshtein's: letters to insert, drop or change. */
  private static int distance(String one, String other) {
    int[] previous = new int[other.length() + 1];
    for (int column = 0; column < previous.length; column++) {
      previous[column] = column;
    }
    for (int row = 1; row <= one.length(); row++) {
      int[] current = new int[previous.length];
      current[0] = row;
      for (int column = 1; column < current.length; column++) {
        int changed =
            previous[column - 1] + (one.charAt(row - 1) == other.charAt(column - 1) ? 0 : 1);
        current[column] = Math.min(changed, 1 + Math.min(previous[column], current[column - 1]));
      }
      previous = current;
    }
    return previous[other.length()];
  }
}
