package io.kumarun.sidecar.settings;

import java.util.Locale;

/** How much the program says about itself. */
public enum LogLevel {
  OFF,
  ERROR,
  WARN,
  INFO,
  DEBUG,
  TRACE;

  /** Reads a level by its name here, in Kuma or in Envoy. */
  static LogLevel parse(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "critical" -> ERROR;
      case "warning" -> WARN;
      default -> valueOf(text.toUpperCase(Locale.ROOT));
    };
  }
}
