package io.kumarun.sidecar;

import io.kumarun.sidecar.settings.Secret;
import io.kumarun.sidecar.settings.SettingCatalog;
import io.kumarun.sidecar.settings.Settings;
import io.kumarun.sidecar.settings.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The dataplane token, read again for every connection: a refreshed one cannot be put into a live
 * stream (contract 1.5). Any thread.
 */
final class DataplaneToken implements Supplier<String> {
  private final @Nullable Secret text;
  private final @Nullable Path file;

  DataplaneToken(Settings settings) {
    text = settings.dataplaneToken();
    file = settings.dataplaneTokenPath();
  }

  /**
   * The token as it is now; empty if none is configured, for a control plane that asks for none.
   *
   * @throws StartupException if the file cannot be read, or holds no token
   */
  @Override
  public String get() {
    if (text != null) {
      return text.value();
    }
    if (file == null) {
      return "";
    }
    String token;
    try {
      token = Files.readString(file).strip();
    } catch (IOException e) {
      throw new StartupException(setting() + ": cannot be read (" + e.getMessage() + ")");
    }
    if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ')) {
      throw new StartupException(setting() + ": expected a dataplane token on one line");
    }
    return token;
  }

  private String setting() {
    return SettingCatalog.DATAPLANE_TOKEN_PATH.name() + "=" + file;
  }
}
