package io.kumarun.sidecar.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Puts the settings together, and says which of them contradict each other. */
final class SettingsAssembly {
  private static final Duration LONGEST_ON_CLOUD_RUN = Duration.ofSeconds(8);

  private final Map<String, String> environment;
  private final CommandLineFlags flags;
  private final SettingReader reader;

  SettingsAssembly(Map<String, String> environment, CommandLineFlags flags) {
    this.environment = environment;
    this.flags = flags;
    this.reader = new SettingReader(environment, flags);
  }

  /** Reads everything before it complains. */
  Settings settings() {
    String caCert = reader.optional(ControlPlaneCatalog.CA_CERT);
    Path caCertFile = reader.optional(ControlPlaneCatalog.CA_CERT_FILE);
    Secret token = reader.optional(SettingCatalog.DATAPLANE_TOKEN);
    Path tokenPath = reader.optional(SettingCatalog.DATAPLANE_TOKEN_PATH);
    String resource = reader.optional(SettingCatalog.DATAPLANE_RESOURCE);
    Path resourcePath = reader.optional(SettingCatalog.DATAPLANE_RESOURCE_PATH);
    boolean hasResource =
        reader.isSet(SettingCatalog.DATAPLANE_RESOURCE)
            || reader.isSet(SettingCatalog.DATAPLANE_RESOURCE_PATH);
    String name = hasResource ? givenName() : nameOrPod();
    int concurrency = reader.value(SettingCatalog.CONCURRENCY);
    PlatformVariables platform =
        PlatformVariables.of(environment, reader.optional(DerivationCatalog.PLATFORM_PORT));
    Derivation derivation = derivation();
    reader.value(SettingCatalog.PROXY_TYPE);
    checkWhoThisIs(name, hasResource, derivation, platform);
    Settings settings =
        new Settings(
            reader.value(ControlPlaneCatalog.URL),
            caCert,
            caCert == null ? caCertFile : null,
            reader.value(ControlPlaneCatalog.TLS_SKIP_VERIFY),
            reader.value(ControlPlaneCatalog.RETRY_BACKOFF),
            reader.value(ControlPlaneCatalog.RETRY_MAX_DURATION),
            name,
            reader.value(SettingCatalog.DATAPLANE_MESH),
            token,
            token == null ? tokenPath : null,
            resourcePath == null ? resource : null,
            resourcePath,
            reader.templateVariables(),
            derivation,
            platform,
            host(),
            firstFolder(
                SettingCatalog.WORK_DIR, SettingCatalog.SOCKET_DIR, SettingCatalog.CONFIG_DIR),
            concurrency > 0 ? concurrency : Runtime.getRuntime().availableProcessors(),
            drainTime(platform),
            reader.value(SettingCatalog.READINESS_PORT),
            reader.value(SettingCatalog.TRANSPORT),
            reader.value(SettingCatalog.ACCESS_LOG),
            logLevel(),
            warnings());
    if (!reader.problems().isEmpty()) {
      UnknownSettings.warnings(environment).forEach(reader::problem);
      throw new InvalidSettingsException(reader.problems());
    }
    return settings;
  }

  private @Nullable String givenName() {
    return reader.optional(SettingCatalog.DATAPLANE_NAME);
  }

  /** As kuma-dp: in a pod the Dataplane has the pod's name. */
  private @Nullable String nameOrPod() {
    String name = givenName();
    String pod = reader.optional(SettingCatalog.POD_NAME);
    String namespace = reader.optional(SettingCatalog.POD_NAMESPACE);
    return name == null && pod != null && namespace != null ? pod + "." + namespace : name;
  }

  private Derivation derivation() {
    return new Derivation(
        reader.value(DerivationCatalog.KUMA),
        reader.optional(DerivationCatalog.APP_PORT),
        reader.value(DerivationCatalog.APP_PROTOCOL),
        reader.optional(DerivationCatalog.INBOUND_PORT),
        orElse(reader.optional(DerivationCatalog.OUTBOUNDS), List.of()),
        reader.optional(DerivationCatalog.SERVICE),
        reader.optional(DerivationCatalog.WORKLOAD),
        orElse(reader.optional(DerivationCatalog.LABELS), Map.of()),
        reader.optional(DerivationCatalog.ADDRESS));
  }

  private HostSettings host() {
    return new HostSettings(
        reader.optional(SettingCatalog.HOST_IP),
        reader.optional(SettingCatalog.METRICS_CERT),
        reader.optional(SettingCatalog.METRICS_KEY),
        reader.optional(SettingCatalog.SYSTEM_CA),
        reader.value(SettingCatalog.IPV6),
        reader.value(SettingCatalog.BIND_OUTBOUNDS),
        reader.value(SettingCatalog.REUSE_PORT));
  }

  @SafeVarargs
  private @Nullable Path firstFolder(Setting<Path>... settings) {
    Path first = null;
    for (Setting<Path> setting : settings) {
      Path folder = reader.optional(setting);
      first = first == null ? folder : first;
    }
    return first;
  }

  private LogLevel logLevel() {
    LogLevel own = reader.value(SettingCatalog.LOG_LEVEL);
    LogLevel envoys = reader.optional(SettingCatalog.ENVOY_LOG_LEVEL);
    return envoys != null && !reader.isSet(SettingCatalog.LOG_LEVEL) ? envoys : own;
  }

  /** Cloud Run does not wait for longer, and what SIGKILL ends has not left the mesh. */
  private Duration drainTime(PlatformVariables platform) {
    Duration wanted = reader.value(SettingCatalog.DRAIN_TIME);
    if (platform.name() == null || wanted.compareTo(LONGEST_ON_CLOUD_RUN) <= 0) {
      return wanted;
    }
    if (reader.isSet(SettingCatalog.DRAIN_TIME)) {
      reader.warning(
          SettingCatalog.DRAIN_TIME.name()
              + ": on Cloud Run it is cut to 8s, for SIGKILL comes 10 s after SIGTERM");
    }
    return LONGEST_ON_CLOUD_RUN;
  }

  private void checkWhoThisIs(
      @Nullable String name,
      boolean hasResource,
      Derivation derivation,
      PlatformVariables platform) {
    if (hasResource) {
      checkResourceStandsAlone(name);
    }
    if (hasResource || name != null) {
      List<String> unused =
          DerivationCatalog.all().stream().filter(reader::isSet).map(Setting::name).toList();
      if (!unused.isEmpty()) {
        reader.warning(
            String.join(", ", unused)
                + ": without effect, since the Dataplane comes from a "
                + (hasResource ? "resource" : "name"));
      }
    } else {
      checkDerivation(derivation, platform);
    }
  }

  /** As kuma-dp: a resource names the Dataplane itself (contract 5.12). */
  private void checkResourceStandsAlone(@Nullable String name) {
    if (name != null) {
      reader.problem(
          SettingCatalog.DATAPLANE_NAME.name()
              + "="
              + name
              + ": not together with a Dataplane resource, which has its own name; unset one of"
              + " them");
    }
    if (reader.isSet(SettingCatalog.DATAPLANE_MESH)) {
      reader.problem(
          SettingCatalog.DATAPLANE_MESH.name()
              + ": not together with a Dataplane resource, which names its mesh; unset one of"
              + " them");
    }
  }

  private void checkDerivation(Derivation derivation, PlatformVariables platform) {
    String service = DerivationCatalog.SERVICE.name();
    String appPort = DerivationCatalog.APP_PORT.name();
    Integer port = platform.port();
    if (Stream.of(derivation.service(), derivation.workload(), platform.name())
        .allMatch(Objects::isNull)) {
      reader.problem(
          SettingCatalog.DATAPLANE_NAME.name()
              + ": nothing says which Dataplane this is; set it, or "
              + SettingCatalog.DATAPLANE_RESOURCE_PATH.name()
              + " to a file with a Dataplane, or "
              + service
              + " to derive one");
    } else if (platform.service() != null) {
      if (port != null
          && derivation.appPort() == null
          && !reader.isSet(DerivationCatalog.APP_PORT)) {
        reader.problem(
            appPort
                + ": requests come to this container (PORT="
                + port
                + "), and nothing says where the application listens; set it to a port other than "
                + port);
      } else if (port != null && port.equals(derivation.appPort())) {
        reader.problem(
            appPort
                + "="
                + port
                + ": this is PORT, where the sidecar itself gets requests; let the application"
                + " listen elsewhere");
      } else if (port == null && derivation.appPort() != null) {
        reader.warning(
            appPort
                + " offers the application to the mesh, but this container has no PORT, so that"
                + " Cloud Run sends it nothing; make it the one with the port");
      }
    }
    if (!reader.isSet(DerivationCatalog.APP_PORT)) {
      for (Setting<?> setting :
          List.of(DerivationCatalog.INBOUND_PORT, DerivationCatalog.APP_PROTOCOL)) {
        if (reader.isSet(setting)) {
          reader.warning(setting.name() + ": without effect, since " + appPort + " is not set");
        }
      }
    }
    if (derivation.kuma() == KumaVersion.V3
        && derivation.outbounds().stream()
            .anyMatch(outbound -> outbound.target() instanceof Outbound.ServiceTag)) {
      reader.problem(
          DerivationCatalog.OUTBOUNDS.name()
              + ": Kuma 3 has no outbounds by kuma.io/service; name a MeshService instead, as in"
              + " 10001=backend:80");
    }
  }

  private List<String> warnings() {
    List<String> ineffective = IneffectiveSettings.given(environment, flags);
    if (!ineffective.isEmpty()) {
      reader.warning("Accepted, but without effect here: " + String.join(", ", ineffective));
    }
    UnknownSettings.warnings(environment).forEach(reader::warning);
    return List.copyOf(reader.warnings());
  }

  private static <T> T orElse(@Nullable T value, T otherwise) {
    return value != null ? value : otherwise;
  }
}
