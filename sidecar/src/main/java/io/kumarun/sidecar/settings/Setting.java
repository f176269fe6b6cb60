package io.kumarun.sidecar.settings;

import java.util.List;
import java.util.function.Function;

/**
 * A knob of the program: an environment variable, a flag of the command line, or both.
 *
 * @param name of the variable; of the flag where there is no variable
 * @param flags as they are typed, the long one first; empty: no flag
 * @param defaultText as one would write it; empty: none
 * @param expected completes "expected …" in the message about a wrong value
 * @param meaning for the table in the README
 * @param secret its value is not repeated in a message
 * @param parser throws IllegalArgumentException for a wrong value; is not asked about an empty one
 */
public record Setting<T>(
    String name,
    List<String> flags,
    String defaultText,
    String expected,
    String meaning,
    boolean secret,
    Function<String, T> parser) {

  static <T> Setting<T> named(
      String name,
      String defaultText,
      String expected,
      String meaning,
      Function<String, T> parser) {
    return new Setting<>(name, List.of(), defaultText, expected, meaning, false, parser);
  }

  /** The same with flags on the command line. */
  Setting<T> flags(String... typed) {
    return new Setting<>(name, List.of(typed), defaultText, expected, meaning, secret, parser);
  }

  /** The same with a value that no message repeats. */
  Setting<T> hidden() {
    return new Setting<>(name, flags, defaultText, expected, meaning, true, parser);
  }

  /** Whether it may be typed as a flag without a value, which means true. */
  public boolean isSwitch() {
    return defaultText.equals("true") || defaultText.equals("false");
  }

  boolean isVariable() {
    return !name.startsWith("-");
  }

  /** Its meaning for the command line, with the variable that says the same, and the default. */
  public String help() {
    String standard = defaultText.isEmpty() ? "" : "default " + defaultText;
    String beside = isVariable() ? name + (standard.isEmpty() ? "" : ", " + standard) : standard;
    return meaning.replace("`", "") + (beside.isEmpty() ? "" : " (" + beside + ")");
  }

  /** Its line in the table of the README. */
  public String tableRow() {
    return "| "
        + (isVariable() ? "`" + name + "`" : "")
        + " | "
        + (flags.isEmpty() ? "" : "`" + String.join("`, `", flags) + "`")
        + " | "
        + (defaultText.isEmpty() ? "" : "`" + defaultText + "`")
        + " | "
        + meaning
        + " |";
  }
}
