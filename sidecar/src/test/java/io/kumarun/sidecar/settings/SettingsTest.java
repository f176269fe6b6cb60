package io.kumarun.sidecar.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
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
    "KUMA_DATAPLANE_RUNTIME_WORK_DIR,/dev/null/folder,folder that can be written",
    "KUMA_DATAPLANE_RUNTIME_CONCURRENCY,-1,from 0",
    "KUMA_DATAPLANE_DRAIN_TIME,forever,duration",
    "KUMA_READINESS_PORT,65536,port from 1 to 65535",
    "KUMARUN_TRANSPORT,kqueue,'auto, epoll or nio'",
    "KUMARUN_LOG_LEVEL,loud,'off, error, warn, info, debug or trace'",
    "KUMA_DATAPLANE_PROXY_TYPE,ingress,sidecar",
    "KUMA_DATAPLANE_NAME,$(POD_NAME),a name",
    "KUMARUN_APP_PORT,0,port from 1 to 65535",
    "KUMARUN_APP_PROTOCOL,kafka,'http, http2, grpc or tcp'",
    "KUMARUN_SERVICE,My_Service,a-z",
    "KUMARUN_ADDRESS,0.0.0.0,IP address",
    "KUMARUN_KUMA,2.9,'2.13, 2.14 or 3'"
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
  void aMisspeltSettingIsPointedOutWithTheOneThatIsMeant() {
    Map<String, String> environment = with("KUMARUN_ACCES_LOG", "off");
    environment.put("KUMA_DATAPLANE_RUNTIME_TOKEN_PAHT", "/token");
    environment.put("KUMA_CONTROL_PLANE_SOMETHING_ELSE_ALTOGETHER", "1");
    environment.put("KUMARUN_JAVA_OPTS", "-Xmx1g");
    environment.put("KUMA_OTHERS", "true");
    assertThat(Settings.from(environment).warnings())
        .containsExactly(
            "KUMARUN_ACCES_LOG is not a setting of this version and has no effect; did you mean"
                + " KUMARUN_ACCESS_LOG?",
            "KUMA_CONTROL_PLANE_SOMETHING_ELSE_ALTOGETHER is not a setting of this version and has"
                + " no effect",
            "KUMA_DATAPLANE_RUNTIME_TOKEN_PAHT is not a setting of this version and has no effect;"
                + " did you mean KUMA_DATAPLANE_RUNTIME_TOKEN_PATH?");
  }

  @Test
  void aMisspeltSettingIsPointedOutWhenTheStartFailsForItToo() {
    assertThatThrownBy(() -> Settings.from(Map.of("KUMA_DATAPLANE_NAM", "a")))
        .hasMessageContaining("did you mean KUMA_DATAPLANE_NAME?");
  }

  @Test
  void whatHasNoEffectIsNamedOnce() {
    Map<String, String> environment = with("KUMA_DNS_ENABLED", "true");
    environment.put("KUMA_DATAPLANE_RUNTIME_BINARY_PATH", "/usr/bin/envoy");
    CommandLineFlags flags = new CommandLineFlags(Map.of("--dns-coredns-port", List.of("53")));
    assertThat(Settings.from(environment, flags).warnings())
        .containsExactly(
            "Accepted, but without effect here: KUMA_DATAPLANE_RUNTIME_BINARY_PATH,"
                + " KUMA_DNS_ENABLED, --dns-coredns-port");
  }

  @Test
  void aFlagWinsOverTheVariableAndSaysSo() {
    CommandLineFlags flags = new CommandLineFlags(Map.of("--name", List.of("x", "b")));
    Settings settings = Settings.from(with("KUMA_DATAPLANE_NAME", "a"), flags);
    assertThat(settings.dataplaneName()).isEqualTo("b");
    assertThat(settings.warnings()).singleElement().asString().startsWith("--name wins over");
  }

  @Test
  void aWrongFlagIsNamedAsItWasTyped() {
    CommandLineFlags flags = new CommandLineFlags(Map.of("--cp-address", List.of("cp")));
    assertThatThrownBy(() -> Settings.from(with("KUMA_READINESS_PORT", "1"), flags))
        .hasMessageStartingWith("--cp-address=cp: expected an http or https URL");
  }

  @Test
  void variablesOfATemplateMayStandInOneFlagOrInSeveral() {
    CommandLineFlags flags =
        new CommandLineFlags(
            Map.of("--dataplane-var", List.of("a=1,b=2", "c=x,y", "\"d=1,2\",e=3")));
    assertThat(Settings.from(with("KUMA_READINESS_PORT", "1"), flags).dataplaneVariables())
        .isEqualTo(Map.of("a", "1", "b", "2", "c", "x,y", "d", "1,2", "e", "3"));
    CommandLineFlags wrong = new CommandLineFlags(Map.of("--dataplane-var", List.of("a")));
    assertThatThrownBy(() -> Settings.from(with("KUMA_READINESS_PORT", "1"), wrong))
        .hasMessage("--dataplane-var=a: a variable is name=value");
  }

  @Test
  void aFileWithAResourceWinsOverTheText() throws IOException {
    Path file = Files.writeString(folder.resolve("f"), "x");
    Settings settings =
        Settings.from(
            Map.of(
                "KUMA_DATAPLANE_RUNTIME_RESOURCE",
                "text",
                "KUMA_DATAPLANE_RUNTIME_RESOURCE_PATH",
                file.toString()));
    assertThat(settings.dataplaneResource()).isNull();
    assertThat(settings.dataplaneResourcePath()).isEqualTo(file);
  }

  @Test
  void olderNamesOfTheWorkingFolderStillCount() {
    String path = folder.resolve("new").toString();
    assertThat(Settings.from(with("KUMA_DATAPLANE_RUNTIME_SOCKET_DIR", path)).workDir())
        .isEqualTo(folder.resolve("new"));
  }

  @Test
  void inAPodTheDataplaneHasThePodsName() {
    Settings settings = Settings.from(Map.of("POD_NAME", "p-1", "POD_NAMESPACE", "ns"));
    assertThat(settings.dataplaneName()).isEqualTo("p-1.ns");
  }

  @Test
  void envoysLevelCountsWhereNoneOfOurOwnIsSet() {
    Map<String, String> environment = with("KUMA_DATAPLANE_RUNTIME_ENVOY_LOG_LEVEL", "critical");
    assertThat(Settings.from(environment).logLevel()).isEqualTo(LogLevel.ERROR);
    environment.put("KUMARUN_LOG_LEVEL", "debug");
    assertThat(Settings.from(environment).logLevel()).isEqualTo(LogLevel.DEBUG);
  }

  @Test
  void aServiceThatGetsRequestsMustSayWhereItsApplicationIs() {
    Map<String, String> environment = new HashMap<>(Map.of("K_SERVICE", "orders", "PORT", "8080"));
    assertThatThrownBy(() -> Settings.from(environment))
        .hasMessageStartingWith("KUMARUN_APP_PORT: requests come to this container (PORT=8080)");
    environment.put("KUMARUN_APP_PORT", "8080");
    assertThatThrownBy(() -> Settings.from(environment))
        .hasMessageStartingWith("KUMARUN_APP_PORT=8080: this is PORT");
    environment.remove("PORT");
    assertThat(Settings.from(environment).warnings())
        .singleElement()
        .asString()
        .contains("no PORT");
  }

  @Test
  void onCloudRunADrainEndsBeforeTheKill() {
    Map<String, String> environment = new HashMap<>(Map.of("K_SERVICE", "orders"));
    assertThat(Settings.from(environment).drainTime()).isEqualTo(Duration.ofSeconds(8));
    assertThat(Settings.from(environment).warnings()).isEmpty();
    environment.put("KUMA_DATAPLANE_DRAIN_TIME", "5s");
    assertThat(Settings.from(environment).drainTime()).isEqualTo(Duration.ofSeconds(5));
    environment.put("KUMA_DATAPLANE_DRAIN_TIME", "1m");
    assertThat(Settings.from(environment).drainTime()).isEqualTo(Duration.ofSeconds(8));
    assertThat(Settings.from(environment).warnings())
        .singleElement()
        .asString()
        .startsWith("KUMA_DATAPLANE_DRAIN_TIME: ");
  }

  @Test
  void whatIsSaidOfAnApplicationWithoutItsPortIsPointedOut() {
    assertThat(
            Settings.from(Map.of("KUMARUN_SERVICE", "a", "KUMARUN_INBOUND_PORT", "80")).warnings())
        .containsExactly("KUMARUN_INBOUND_PORT: without effect, since KUMARUN_APP_PORT is not set");
  }

  @Test
  void outboundsByServiceTagEndWithKuma3() {
    Map<String, String> environment =
        Map.of(
            "KUMARUN_SERVICE", "a",
            "KUMARUN_KUMA", "3",
            "KUMARUN_OUTBOUNDS", "1=kuma.io/service=b");
    assertThatThrownBy(() -> Settings.from(environment))
        .hasMessageStartingWith("KUMARUN_OUTBOUNDS: Kuma 3 has no outbounds by kuma.io/service");
  }

  @Test
  void whatADerivationWouldReadIsPointedOutBesideAName() {
    assertThat(Settings.from(with("KUMARUN_APP_PORT", "80")).warnings())
        .containsExactly("KUMARUN_APP_PORT: without effect, since the Dataplane comes from a name");
  }

  @Test
  void theReadmeHasEverySettingWithItsFlagAndDefault() throws IOException {
    String readme = Files.readString(Path.of("..", "README.md"));
    for (Setting<?> setting : SettingCatalog.all()) {
      assertThat(readme).contains(setting.tableRow());
    }
    String table = readme.substring(readme.indexOf("| variable |"));
    assertThat(table.substring(0, table.indexOf("\n\n")).lines())
        .hasSize(2 + SettingCatalog.all().size());
    for (Setting<?> setting : IneffectiveSettings.all()) {
      assertThat(readme).contains("`" + setting.name() + "`");
    }
  }

  private static Map<String, String> with(String name, String value) {
    Map<String, String> environment = new HashMap<>();
    environment.put("KUMA_DATAPLANE_NAME", "backend-1");
    environment.put(name, value);
    return environment;
  }
}
