package io.kumarun.sidecar.dataplane;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.kumarun.kuma.DataplaneResource;
import io.kumarun.sidecar.settings.PlatformVariables;
import io.kumarun.sidecar.settings.SettingCatalog;
import io.kumarun.sidecar.settings.Settings;
import io.kumarun.sidecar.settings.StartupException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Finds out which Dataplane a sidecar is: one that a resource describes, one that the control plane
 * has by name, or one derived from the environment.
 */
public final class DataplaneSource {
  private final InputStream input;

  DataplaneSource(InputStream input) {
    this.input = input;
  }

  /**
   * The Dataplane that the settings name, contain or lead to. May read standard input and ask the
   * metadata server; once per process.
   *
   * @throws StartupException if the resource cannot be read, or is none
   */
  public static DataplaneResource dataplane(Settings settings) {
    return new DataplaneSource(System.in).find(settings);
  }

  DataplaneResource find(Settings settings) {
    String name = settings.dataplaneName();
    String text = settings.dataplaneResource();
    Path file = settings.dataplaneResourcePath();
    if (file != null) {
      String setting = SettingCatalog.DATAPLANE_RESOURCE_PATH.name() + "=" + file;
      return filled(setting, read(file, setting), settings);
    }
    if (text != null) {
      return filled(SettingCatalog.DATAPLANE_RESOURCE.name(), text, settings);
    }
    if (name != null) {
      return new DataplaneResource(settings.dataplaneMesh(), name, null);
    }
    return derived(settings);
  }

  private static DataplaneResource filled(String setting, String text, Settings settings) {
    try {
      return DataplaneResource.parse(ResourceTemplate.render(text, settings.dataplaneVariables()));
    } catch (IllegalArgumentException e) {
      throw new StartupException(setting + ": " + e.getMessage());
    }
  }

  private String read(Path file, String setting) {
    try {
      return file.equals(Settings.STANDARD_INPUT)
          ? new String(input.readAllBytes(), UTF_8)
          : Files.readString(file);
    } catch (IOException e) {
      throw new StartupException(setting + ": cannot be read (" + e.getMessage() + ")");
    }
  }

  /** Elsewhere than on Cloud Run there is no metadata server to wait for. */
  private static DataplaneResource derived(Settings settings) {
    PlatformVariables platform = settings.platform();
    InstanceFacts facts =
        platform.name() == null
            ? InstanceFacts.NONE
            : new MetadataServer(platform.metadataHost()).facts(platform.workerPool() != null);
    return new DataplaneDerivation(settings.derivation(), platform, facts)
        .resource(settings.dataplaneMesh());
  }
}
