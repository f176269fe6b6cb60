package io.kumarun.sidecar.settings;

import java.util.Locale;
import java.util.regex.Pattern;

/** What names and labels may look like (those of Kubernetes, which Kuma shares). */
public final class NameSyntax {
  private static final int LONGEST = 63;
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
  private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?");
  private static final Pattern KEY =
      Pattern.compile("([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?");

  private NameSyntax() {}

  /** Whether it is one label of a DNS name (RFC 1123), in lower case. */
  public static boolean isDnsLabel(String text) {
    return text.length() <= LONGEST && LABEL.matcher(text).matches();
  }

  static boolean isLabelKey(String text) {
    return text.length() - text.indexOf('/') - 1 <= LONGEST && KEY.matcher(text).matches();
  }

  static boolean isLabelValue(String text) {
    return text.length() <= LONGEST && VALUE.matcher(text).matches();
  }

  /** The nearest value that a label may have; empty if nothing of it may stay. */
  public static String toLabelValue(String text) {
    return trimmed(text.replaceAll("[^-A-Za-z0-9_.]", "-"), LONGEST);
  }

  /**
   * The nearest label of a DNS name; empty if nothing of it may stay.
   *
   * @param longest at most 63 characters
   */
  public static String toDnsLabel(String text, int longest) {
    return trimmed(text.toLowerCase(Locale.ROOT).replaceAll("[^-a-z0-9]", "-"), longest);
  }

  private static String trimmed(String text, int longest) {
    String start = text.replaceFirst("^[-_.]+", "");
    return start.substring(0, Math.min(start.length(), longest)).replaceFirst("[-_.]+$", "");
  }
}
