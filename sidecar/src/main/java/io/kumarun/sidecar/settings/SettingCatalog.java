package io.kumarun.sidecar.settings;

import static io.kumarun.sidecar.settings.Setting.named;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Every setting that has an effect, once; those about one matter in a catalog of their own. Those
 * that kuma-dp has too keep their names, defaults and syntax (contract 5.12).
 */
public final class SettingCatalog {
  private static final List<Setting<?>> ALL = new ArrayList<>();
  static final String DURATION = "a duration such as 30s, 1m30s or 500ms";
  static final String FILE = "a file that can be read";
  private static final String FOLDER = "a folder that can be written";
  static final String BOOL = "true or false";
  static final String PORT = "a port from 1 to 65535";

  public static final Setting<String> DATAPLANE_NAME =
      add(
          named(
                  "KUMA_DATAPLANE_NAME",
                  "",
                  "a name: a-z, 0-9, '-', '_' and '.'",
                  "Name of a Dataplane that the control plane has already; not together with a"
                      + " resource",
                  ValueSyntax::resourceName)
              .flags("--name"));
  public static final Setting<String> DATAPLANE_MESH =
      add(
          named(
                  "KUMA_DATAPLANE_MESH",
                  "default",
                  "a name: a-z, 0-9, '-', '_' and '.'",
                  "Mesh of a Dataplane that is named or derived; not together with a resource",
                  ValueSyntax::resourceName)
              .flags("--mesh"));
  static final Setting<String> POD_NAME =
      add(
          named(
              "POD_NAME",
              "",
              "a name",
              "In Kubernetes, where nothing names a Dataplane, it is this with the namespace",
              ValueSyntax::resourceName));
  static final Setting<String> POD_NAMESPACE =
      add(named("POD_NAMESPACE", "", "a name", "That namespace", ValueSyntax::resourceName));
  static final Setting<String> PROXY_TYPE =
      add(
          named(
                  "KUMA_DATAPLANE_PROXY_TYPE",
                  "dataplane",
                  "dataplane: this program is a sidecar, and no ingress or egress of a zone",
                  "Only `dataplane`; ingress and egress of a zone are refused",
                  ValueSyntax::proxyType)
              .flags("--proxy-type"));
  public static final Setting<Secret> DATAPLANE_TOKEN =
      add(
          named(
                  "KUMA_DATAPLANE_RUNTIME_TOKEN",
                  "",
                  "a dataplane token on one line",
                  "The dataplane token itself; wins over the file",
                  ValueSyntax::token)
              .hidden()
              .flags("--dataplane-token"));
  public static final Setting<Path> DATAPLANE_TOKEN_PATH =
      add(
          named(
                  "KUMA_DATAPLANE_RUNTIME_TOKEN_PATH",
                  "",
                  FILE,
                  "File with the dataplane token; read again for every connection",
                  ValueSyntax::readableFile)
              .flags("--dataplane-token-file"));
  public static final Setting<String> DATAPLANE_RESOURCE =
      add(
          named(
                  "KUMA_DATAPLANE_RUNTIME_RESOURCE",
                  "",
                  "a Dataplane in YAML or JSON",
                  "The Dataplane resource (YAML or JSON, a template or not) to register",
                  Function.<String>identity())
              .flags("--dataplane"));
  public static final Setting<Path> DATAPLANE_RESOURCE_PATH =
      add(
          named(
                  "KUMA_DATAPLANE_RUNTIME_RESOURCE_PATH",
                  "",
                  FILE + ", or - for standard input",
                  "That resource from a file, or with `-` from standard input; wins over the text",
                  ValueSyntax::readableFileOrInput)
              .flags("--dataplane-file", "-d"));
  static final Setting<String> DATAPLANE_VARIABLES =
      add(
          named(
                  "--dataplane-var",
                  "",
                  "name=value",
                  "A value for `{{ name }}` in the resource, `name=value`; may be repeated",
                  Function.<String>identity())
              .flags("--dataplane-var", "-v"));
  public static final Setting<Path> WORK_DIR =
      add(
          named(
                  "KUMA_DATAPLANE_RUNTIME_WORK_DIR",
                  "",
                  FOLDER,
                  "Folder for what the control plane wants sockets for; a temporary one if unset",
                  ValueSyntax::writableFolder)
              .flags("--work-dir"));
  static final Setting<Path> SOCKET_DIR =
      add(
          named(
              "KUMA_DATAPLANE_RUNTIME_SOCKET_DIR",
              "",
              FOLDER,
              "Old name of `KUMA_DATAPLANE_RUNTIME_WORK_DIR`, up to 2.14",
              ValueSyntax::writableFolder));
  static final Setting<Path> CONFIG_DIR =
      add(
          named(
                  "KUMA_DATAPLANE_RUNTIME_CONFIG_DIR",
                  "",
                  FOLDER,
                  "Older name of `KUMA_DATAPLANE_RUNTIME_WORK_DIR`",
                  ValueSyntax::writableFolder)
              .flags("--config-dir"));
  static final Setting<Integer> CONCURRENCY =
      add(
          named(
                  "KUMA_DATAPLANE_RUNTIME_CONCURRENCY",
                  "0",
                  "a number from 0 (one per CPU) to 1024",
                  "Event loops; 0: one per CPU",
                  text -> ValueSyntax.number(text, 0, 1024))
              .flags("--concurrency"));
  static final Setting<Boolean> BIND_OUTBOUNDS =
      add(
          named(
                  "KUMA_DATAPLANE_RUNTIME_BIND_OUTBOUNDS",
                  "false",
                  BOOL,
                  "Have the virtual addresses of the mesh bound on this host, which must own them",
                  ValueSyntax::bool)
              .flags("--bind-outbounds"));
  static final Setting<Boolean> REUSE_PORT =
      add(
          named(
              "KUMA_DATAPLANE_RUNTIME_REUSE_PORT_ENABLED",
              "true",
              BOOL,
              "Tell the control plane that listeners may share a port",
              ValueSyntax::bool));
  static final Setting<Boolean> IPV6 =
      add(
          named(
              "KUMA_DATAPLANE_RUNTIME_IPV6_ENABLED",
              "true",
              BOOL,
              "Tell the control plane that there is IPv6; without an address of that kind there is"
                  + " none",
              ValueSyntax::bool));
  static final Setting<Path> METRICS_CERT =
      add(
          named(
                  "KUMA_DATAPLANE_RUNTIME_METRICS_CERT_PATH",
                  "",
                  FILE,
                  "Certificate that the control plane is told to use for metrics over TLS",
                  ValueSyntax::readableFile)
              .flags("--metrics-cert-path"));
  static final Setting<Path> METRICS_KEY =
      add(
          named(
                  "KUMA_DATAPLANE_RUNTIME_METRICS_KEY_PATH",
                  "",
                  FILE,
                  "Key of that certificate for metrics",
                  ValueSyntax::readableFile)
              .flags("--metrics-key-path"));
  static final Setting<Path> SYSTEM_CA =
      add(
          named(
              "KUMA_DATAPLANE_RUNTIME_DYNAMIC_SYSTEM_CA_PATH",
              "",
              FILE,
              "Authorities of the platform, for TLS to services outside the mesh; looked for in the"
                  + " usual places if unset",
              ValueSyntax::readableFile));
  public static final Setting<Duration> DRAIN_TIME =
      add(
          named(
                  "KUMA_DATAPLANE_DRAIN_TIME",
                  "30s",
                  DURATION,
                  "How long a sidecar goes on serving after SIGTERM, while peers learn that it"
                      + " leaves; on Cloud Run at most `8s`, for SIGKILL comes after 10 s",
                  GoDuration::parse)
              .flags("--drain-time"));
  public static final Setting<Integer> READINESS_PORT =
      add(
          named(
              "KUMA_READINESS_PORT",
              "9902",
              PORT,
              "Port on loopback for `/ready` and `/metrics`",
              ValueSyntax::port));
  static final Setting<String> HOST_IP =
      add(
          named(
              "HOST_IP",
              "",
              "an address",
              "Address of the host, which the control plane shows with the data plane",
              Function.<String>identity()));
  public static final Setting<TransportKind> TRANSPORT =
      add(
          named(
              "KUMARUN_TRANSPORT",
              "auto",
              "auto, epoll or nio",
              "How sockets are watched: `epoll`, `nio`, or `auto` for the best that works here",
              text -> TransportKind.valueOf(text.toUpperCase(Locale.ROOT))));
  public static final Setting<String> ACCESS_LOG =
      add(
          named(
              "KUMARUN_ACCESS_LOG",
              "/dev/stdout",
              "a file, or off",
              "File that gets a line per request in Envoy's format; `off` for none",
              Function.<String>identity()));
  static final Setting<LogLevel> LOG_LEVEL =
      add(
          named(
                  "KUMARUN_LOG_LEVEL",
                  "info",
                  "off, error, warn, info, debug or trace",
                  "How much the program says about itself, on stderr",
                  LogLevel::parse)
              .flags("--log-level"));
  static final Setting<LogLevel> ENVOY_LOG_LEVEL =
      add(
          named(
                  "KUMA_DATAPLANE_RUNTIME_ENVOY_LOG_LEVEL",
                  "",
                  "off, critical, error, warn, info, debug or trace",
                  "kuma-dp's name of `KUMARUN_LOG_LEVEL`, which wins",
                  LogLevel::parse)
              .flags("--envoy-log-level"));

  private SettingCatalog() {}

  /** In the order of the table. */
  public static List<Setting<?>> all() {
    return Stream.of(ControlPlaneCatalog.all(), ALL, DerivationCatalog.all())
        .flatMap(List::stream)
        .toList();
  }

  private static <T> Setting<T> add(Setting<T> setting) {
    ALL.add(setting);
    return setting;
  }
}
