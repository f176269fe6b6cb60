package io.kumarun.sidecar.settings;

import java.util.List;

/** The environment is not one to start with. The message has a line for everything wrong. */
public final class InvalidSettingsException extends StartupException {
  private static final long serialVersionUID = 1L;

  InvalidSettingsException(List<String> problems) {
    super(String.join("\n", problems));
  }
}
