package io.kumarun.sidecar;

/** How much the program says about itself. */
enum LogLevel {
  ERROR,
  WARN,
  INFO,
  DEBUG,
  TRACE
}
