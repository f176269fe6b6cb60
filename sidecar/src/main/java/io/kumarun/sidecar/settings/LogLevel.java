package io.kumarun.sidecar.settings;

/** How much the program says about itself. */
public enum LogLevel {
  ERROR,
  WARN,
  INFO,
  DEBUG,
  TRACE
}
