package io.kumarun.sidecar.dataplane;

import io.kumarun.kuma.DataplaneResource;
import io.kumarun.sidecar.settings.SettingCatalog;
import io.kumarun.sidecar.settings.Settings;
import io.kumarun.sidecar.settings.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds out which Dataplane a sidecar is. */
public final class DataplaneSource {
  private DataplaneSource() {}

  /**
   * The Dataplane that the settings name or contain.
   *
   * @throws StartupException if the resource cannot be read, or is none
   */
  public static DataplaneResource dataplane(Settings settings) {
    String text = settings.dataplaneResource();
    String setting = SettingCatalog.DATAPLANE_RESOURCE.name();
    Path file = settings.dataplaneResourcePath();
    if (file != null) {
      setting = SettingCatalog.DATAPLANE_RESOURCE_PATH.name() + "=" + file;
      try {
        text = Files.readString(file);
      } catch (IOException e) {
        throw new StartupException(setting + ": cannot be read (" + e.getMessage() + ")");
      }
    }
    if (text == null) {
      String name = settings.dataplaneName();
      return new DataplaneResource(settings.dataplaneMesh(), name == null ? "" : name, null);
    }
    try {
      return DataplaneResource.parse(text);
    } catch (IllegalArgumentException e) {
      throw new StartupException(setting + ": " + e.getMessage());
    }
  }
}
