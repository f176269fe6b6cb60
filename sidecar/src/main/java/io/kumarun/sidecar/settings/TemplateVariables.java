package io.kumarun.sidecar.settings;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Values for a template of a Dataplane, {@code name=value}, as kuma-dp's flag takes them. */
final class TemplateVariables {
  private TemplateVariables() {}

  /**
   * Reads each flag: one pair, whose value may have commas, or several separated by commas; quotes
   * keep a comma within a value.
   *
   * @throws WrongValueException naming what is no pair
   */
  static Map<String, String> parse(List<String> flags) {
    Map<String, String> variables = new LinkedHashMap<>();
    for (String flag : flags) {
      for (String pair : pairs(flag)) {
        int at = pair.indexOf('=');
        if (at < 1) {
          throw new WrongValueException(pair + ": a variable is name=value");
        }
        variables.put(pair.substring(0, at), pair.substring(at + 1));
      }
    }
    return Map.copyOf(variables);
  }

  private static List<String> pairs(String flag) {
    if (flag.chars().filter(c -> c == '=').count() == 1) {
      return List.of(flag.replaceAll("^\"|\"$", ""));
    }
    List<String> pairs = new ArrayList<>();
    StringBuilder pair = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < flag.length(); i++) {
      char c = flag.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        pairs.add(pair.toString());
        pair.setLength(0);
      } else {
        pair.append(c);
      }
    }
    pairs.add(pair.toString());
    return pairs;
  }
}
