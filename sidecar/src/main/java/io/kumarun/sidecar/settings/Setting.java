package io.kumarun.sidecar.settings;

import java.util.function.Function;

/**
 * A knob of the program: an environment variable.
 *
 * @param defaultText as one would write it; empty: none
 * @param expected completes "expected …" in the message about a wrong value
 * @param meaning for the table in the README
 * @param secret its value is not repeated in a message
 * @param parser throws IllegalArgumentException for a wrong value; is not asked about an empty one
 */
public record Setting<T>(
    String name,
    String defaultText,
    String expected,
    String meaning,
    boolean secret,
    Function<String, T> parser) {

  static <T> Setting<T> of(
      String name,
      String defaultText,
      String expected,
      String meaning,
      Function<String, T> parser) {
    return new Setting<>(name, defaultText, expected, meaning, false, parser);
  }

  /** Its line in the table of the README. */
  String tableRow() {
    String shownDefault = defaultText.isEmpty() ? "" : "`" + defaultText + "`";
    return "| `" + name + "` | " + shownDefault + " | " + meaning + " |";
  }
}
