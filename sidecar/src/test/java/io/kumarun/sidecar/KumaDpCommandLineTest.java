package io.kumarun.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.sidecar.settings.CommandLineFlags;
import io.kumarun.sidecar.settings.Setting;
import io.kumarun.sidecar.settings.SettingCatalog;
import io.kumarun.sidecar.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Whatever starts kuma-dp starts this program too. */
class KumaDpCommandLineTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvFileSource(resources = "/kuma-dp-settings.csv", emptyValue = "")
  void everyVariableAndFlagOfKumaDpIsAccepted(
      String variable, String flag, String shortFlag, String byDefault, String example)
      throws IOException {
    String value = value(example);
    if (variable != null) {
      assertAccepted(Settings.from(aroundIt(variable, Map.of(variable, value))));
    }
    if (flag != null) {
      assertAccepted(Settings.from(aroundIt(flag, Map.of()), typed(flag + "=" + value)));
      assertAccepted(Settings.from(aroundIt(flag, Map.of()), typed(flag, value)));
    }
    if (shortFlag != null) {
      assertThat(typed(shortFlag, value)).isEqualTo(typed(flag, value));
    }
    if (byDefault != null) {
      assertThat(SettingCatalog.all())
          .filteredOn(
              setting ->
                  variable == null
                      ? setting.flags().contains(flag)
                      : setting.name().equals(variable))
          .extracting(Setting::defaultText)
          .containsExactly(byDefault);
    }
  }

  @Test
  void aSwitchAloneMeansTrue() {
    Settings settings =
        Settings.from(
            Map.of("KUMA_DATAPLANE_NAME", "a"), typed("--skip-verify", "--bind-outbounds"));
    assertThat(settings.controlPlaneSkipVerify()).isTrue();
    assertThat(settings.host().bindOutbounds()).isTrue();
  }

  private static void assertAccepted(Settings settings) {
    assertThat(settings.warnings()).noneMatch(warning -> warning.contains("not a setting"));
  }

  /** What else a start needs; a resource and a name exclude each other. */
  private static Map<String, String> aroundIt(String name, Map<String, String> given) {
    Map<String, String> environment = new HashMap<>(given);
    if (name.contains("RESOURCE_PATH")
        || name.endsWith("RUNTIME_RESOURCE")
        || name.equals("--dataplane")
        || name.equals("--dataplane-file")) {
      return environment;
    }
    environment.putIfAbsent("KUMA_DATAPLANE_NAME", "backend-1");
    return environment;
  }

  private static CommandLineFlags typed(String... args) {
    CommandSpec spec = CommandSpec.create();
    SettingOptions.addTo(spec);
    new CommandLine(spec).parseArgs(args);
    return SettingOptions.given(spec);
  }

  private String value(String example) throws IOException {
    return switch (example) {
      case "FILE" -> Files.writeString(folder.resolve("file"), "x").toString();
      case "FOLDER" -> folder.toString();
      default -> example;
    };
  }
}
