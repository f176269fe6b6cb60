package io.kumarun.sidecar.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
  @TempDir Path folder;

  @Test
  void theDefaultsAreKumas() {
    Settings settings = Settings.from(Map.of("KUMA_DATAPLANE_NAME", "backend-1"));

    assertThat(settings.controlPlaneUrl()).isEqualTo(URI.create("https://localhost:5678"));
    assertThat(settings.controlPlaneSkipVerify()).isFalse();
    assertThat(settings.controlPlaneRetryBackoff()).isEqualTo(Duration.ofSeconds(3));
    assertThat(settings.controlPlaneRetryMaxDuration()).isEqualTo(Duration.ofMinutes(5));
    assertThat(settings.dataplaneMesh()).isEqualTo("default");
    assertThat(settings.drainTime()).isEqualTo(Duration.ofSeconds(30));
    assertThat(settings.readinessPort()).isEqualTo(9902);
    assertThat(settings.eventLoops()).isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(settings.transport()).isEqualTo(TransportKind.AUTO);
    assertThat(settings.accessLog()).isEqualTo("/dev/stdout");
    assertThat(settings.logLevel()).isEqualTo(LogLevel.INFO);
    assertThat(settings.dataplaneToken()).isNull();
    assertThat(settings.workDir()).isNull();
    assertThat(settings.warnings()).isEmpty();
  }

  @Test
  void everySettingIsRead() throws IOException {
    Path file = Files.writeString(folder.resolve("f"), "x");
    Settings settings =
        Settings.from(
            Map.ofEntries(
                Map.entry("KUMA_CONTROL_PLANE_URL", "http://cp:5678"),
                Map.entry("KUMA_CONTROL_PLANE_CA_CERT_FILE", file.toString()),
                Map.entry("KUMA_CONTROL_PLANE_TLS_SKIP_VERIFY", "true"),
                Map.entry("KUMA_CONTROL_PLANE_RETRY_BACKOFF", "100ms"),
                Map.entry("KUMA_CONTROL_PLANE_RETRY_MAX_DURATION", "1m30s"),
                Map.entry("KUMA_DATAPLANE_RUNTIME_TOKEN_PATH", file.toString()),
                Map.entry("KUMA_DATAPLANE_RUNTIME_RESOURCE_PATH", file.toString()),
                Map.entry("KUMA_DATAPLANE_RUNTIME_WORK_DIR", folder.toString()),
                Map.entry("KUMA_DATAPLANE_RUNTIME_CONCURRENCY", "3"),
                Map.entry("KUMA_DATAPLANE_DRAIN_TIME", "0"),
                Map.entry("KUMA_READINESS_PORT", "1234"),
                Map.entry("KUMARUN_TRANSPORT", "nio"),
                Map.entry("KUMARUN_ACCESS_LOG", "off"),
                Map.entry("KUMARUN_LOG_LEVEL", "debug")));

    assertThat(settings.controlPlaneUrl()).isEqualTo(URI.create("http://cp:5678"));
    assertThat(settings.controlPlaneCaCertFile()).isEqualTo(file);
    assertThat(settings.controlPlaneSkipVerify()).isTrue();
    assertThat(settings.controlPlaneRetryBackoff()).isEqualTo(Duration.ofMillis(100));
    assertThat(settings.controlPlaneRetryMaxDuration()).isEqualTo(Duration.ofSeconds(90));
    assertThat(settings.dataplaneTokenPath()).isEqualTo(file);
    assertThat(settings.dataplaneResourcePath()).isEqualTo(file);
    assertThat(settings.workDir()).isEqualTo(folder);
    assertThat(settings.eventLoops()).isEqualTo(3);
    assertThat(settings.drainTime()).isZero();
    assertThat(settings.readinessPort()).isEqualTo(1234);
    assertThat(settings.transport()).isEqualTo(TransportKind.NIO);
    assertThat(settings.accessLogIsOff()).isTrue();
    assertThat(settings.logLevel()).isEqualTo(LogLevel.DEBUG);
  }

  @ParameterizedTest
  @CsvSource({
    "KUMA_CONTROL_PLANE_URL,localhost:5678,http or https URL",
    "KUMA_CONTROL_PLANE_URL,ftp://cp,http or https URL",
    "KUMA_CONTROL_PLANE_CA_CERT,abc,PEM",
    "KUMA_CONTROL_PLANE_CA_CERT_FILE,/no/such/file,file that can be read",
    "KUMA_CONTROL_PLANE_TLS_SKIP_VERIFY,yes,true or false",
    "KUMA_CONTROL_PLANE_RETRY_BACKOFF,0s,duration",
    "KUMA_CONTROL_PLANE_RETRY_MAX_DURATION,5,duration",
    "KUMA_DATAPLANE_RUNTIME_TOKEN_PATH,/no/such/file,file that can be read",
    "KUMA_DATAPLANE_RUNTIME_WORK_DIR,/no/such/folder,folder that can be written",
    "KUMA_DATAPLANE_RUNTIME_CONCURRENCY,-1,from 0",
    "KUMA_DATAPLANE_DRAIN_TIME,forever,duration",
    "KUMA_READINESS_PORT,65536,port from 1 to 65535",
    "KUMARUN_TRANSPORT,kqueue,'auto, epoll or nio'",
    "KUMARUN_LOG_LEVEL,loud,'error, warn, info, debug or trace'"
  })
  void aWrongValueIsNamedWithWhatWouldBeRight(String name, String value, String expected) {
    assertThatThrownBy(() -> Settings.from(with(name, value)))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageStartingWith(name + "=" + value + ": expected ")
        .hasMessageContaining(expected);
  }

  @Test
  void allWrongValuesAreReportedAtOnce() {
    assertThatThrownBy(
            () -> Settings.from(Map.of("KUMA_READINESS_PORT", "x", "KUMARUN_TRANSPORT", "y")))
        .hasMessageContaining("KUMA_READINESS_PORT=x")
        .hasMessageContaining("KUMARUN_TRANSPORT=y")
        .hasMessageContaining("KUMA_DATAPLANE_NAME: nothing says which Dataplane this is");
  }

  @Test
  void aTokenIsNeverShown() {
    assertThatThrownBy(() -> Settings.from(with("KUMA_DATAPLANE_RUNTIME_TOKEN", "two words")))
        .hasMessageContaining("KUMA_DATAPLANE_RUNTIME_TOKEN=(hidden): expected")
        .hasMessageNotContaining("two words");
    Settings settings = Settings.from(with("KUMA_DATAPLANE_RUNTIME_TOKEN", " eyJ.abc.def\n"));
    assertThat(settings.dataplaneToken()).isEqualTo(new Secret("eyJ.abc.def"));
    assertThat(settings.toString()).doesNotContain("eyJ");
  }

  @Test
  void textWinsOverAFile() throws IOException {
    Path file = Files.writeString(folder.resolve("f"), "x");
    Map<String, String> environment = with("KUMA_DATAPLANE_RUNTIME_TOKEN", "eyJ");
    environment.put("KUMA_DATAPLANE_RUNTIME_TOKEN_PATH", file.toString());
    assertThat(Settings.from(environment).dataplaneTokenPath()).isNull();
  }

  @Test
  void aNameAndAResourceExcludeEachOther() {
    Map<String, String> environment = with("KUMA_DATAPLANE_RUNTIME_RESOURCE", "type: Dataplane");
    environment.put("KUMA_DATAPLANE_MESH", "m");
    assertThatThrownBy(() -> Settings.from(environment))
        .hasMessageContaining("KUMA_DATAPLANE_NAME=backend-1: not together with")
        .hasMessageContaining("KUMA_DATAPLANE_MESH: not together with");
  }

  @Test
  void anEmptyVariableIsAnUnsetOne() {
    assertThat(Settings.from(with("KUMA_READINESS_PORT", "")).readinessPort()).isEqualTo(9902);
  }

  @Test
  void aMisspeltSettingOfOurOwnIsPointedOut() {
    Map<String, String> environment = with("KUMARUN_ACCES_LOG", "off");
    environment.put("KUMARUN_JAVA_OPTS", "-Xmx1g");
    environment.put("KUMA_DNS_ENABLED", "true");
    assertThat(Settings.from(environment).warnings())
        .singleElement()
        .asString()
        .contains("KUMARUN_ACCES_LOG");
  }

  @Test
  void theReadmeHasEverySettingWithItsDefault() throws IOException {
    String readme = Files.readString(Path.of("..", "README.md"));
    for (Setting<?> setting : SettingCatalog.all()) {
      assertThat(readme).contains(setting.tableRow());
    }
  }

  private static Map<String, String> with(String name, String value) {
    Map<String, String> environment = new HashMap<>();
    environment.put("KUMA_DATAPLANE_NAME", "backend-1");
    environment.put(name, value);
    return environment;
  }
}
