package io.kumarun.sidecar.settings;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Every setting there is, once. Those that kuma-dp has too keep their names, defaults and syntax
 * (contract 5.12).
 */
public final class SettingCatalog {
  private static final List<Setting<?>> ALL = new ArrayList<>();
  private static final String DURATION = "a duration such as 30s, 1m30s or 500ms";

  public static final Setting<URI> CONTROL_PLANE_URL =
      add(
          "KUMA_CONTROL_PLANE_URL",
          "https://localhost:5678",
          "an http or https URL such as https://kuma-cp.example:5678",
          "Where the control plane is; bootstrap, xDS and HDS share the port",
          SettingCatalog::url);
  public static final Setting<String> CONTROL_PLANE_CA_CERT =
      add(
          "KUMA_CONTROL_PLANE_CA_CERT",
          "",
          "certificates in PEM",
          "Certificates (PEM) that the control plane's is checked against; without these or the file, the"
              + " system's",
          SettingCatalog::pem);
  public static final Setting<Path> CONTROL_PLANE_CA_CERT_FILE =
      add(
          "KUMA_CONTROL_PLANE_CA_CERT_FILE",
          "",
          "a file that can be read",
          "The same from a file; the variable above wins",
          SettingCatalog::readableFile);
  public static final Setting<Boolean> CONTROL_PLANE_TLS_SKIP_VERIFY =
      add(
          "KUMA_CONTROL_PLANE_TLS_SKIP_VERIFY",
          "false",
          "true or false",
          "Do not check the certificate of the control plane; for experiments only",
          SettingCatalog::bool);
  public static final Setting<Duration> CONTROL_PLANE_RETRY_BACKOFF =
      add(
          "KUMA_CONTROL_PLANE_RETRY_BACKOFF",
          "3s",
          DURATION,
          "Pause between attempts to reach the control plane at start",
          SettingCatalog::positiveDuration);
  public static final Setting<Duration> CONTROL_PLANE_RETRY_MAX_DURATION =
      add(
          "KUMA_CONTROL_PLANE_RETRY_MAX_DURATION",
          "5m",
          DURATION,
          "How long the start tries to reach it",
          SettingCatalog::positiveDuration);
  public static final Setting<String> DATAPLANE_NAME =
      add(
          "KUMA_DATAPLANE_NAME",
          "",
          "a name",
          "Name of a Dataplane that the control plane has already; not together with a resource",
          Function.identity());
  public static final Setting<String> DATAPLANE_MESH =
      add(
          "KUMA_DATAPLANE_MESH",
          "default",
          "a name",
          "Its mesh; not together with a resource",
          Function.identity());
  public static final Setting<Secret> DATAPLANE_TOKEN =
      addSecret(
          "KUMA_DATAPLANE_RUNTIME_TOKEN",
          "a dataplane token on one line",
          "The dataplane token itself; wins over the file",
          SettingCatalog::token);
  public static final Setting<Path> DATAPLANE_TOKEN_PATH =
      add(
          "KUMA_DATAPLANE_RUNTIME_TOKEN_PATH",
          "",
          "a file that can be read",
          "File with the dataplane token; read again for every connection",
          SettingCatalog::readableFile);
  public static final Setting<String> DATAPLANE_RESOURCE =
      add(
          "KUMA_DATAPLANE_RUNTIME_RESOURCE",
          "",
          "a Dataplane in YAML or JSON",
          "The Dataplane resource (YAML or JSON) to register; wins over the file",
          Function.identity());
  public static final Setting<Path> DATAPLANE_RESOURCE_PATH =
      add(
          "KUMA_DATAPLANE_RUNTIME_RESOURCE_PATH",
          "",
          "a file that can be read",
          "The same from a file",
          SettingCatalog::readableFile);
  public static final Setting<Path> WORK_DIR =
      add(
          "KUMA_DATAPLANE_RUNTIME_WORK_DIR",
          "",
          "a folder that can be written",
          "Folder for what the control plane wants sockets for; a temporary one if unset",
          SettingCatalog::writableFolder);
  public static final Setting<Integer> CONCURRENCY =
      add(
          "KUMA_DATAPLANE_RUNTIME_CONCURRENCY",
          "0",
          "a number from 0 (one per CPU) to 1024",
          "Event loops; 0: one per CPU",
          text -> number(text, 0, 1024));
  public static final Setting<Duration> DRAIN_TIME =
      add(
          "KUMA_DATAPLANE_DRAIN_TIME",
          "30s",
          DURATION,
          "How long a sidecar goes on serving after SIGTERM, while peers learn that it leaves;"
              + " on Cloud Run at most `8s`, for SIGKILL comes after 10 s",
          GoDuration::parse);
  public static final Setting<Integer> READINESS_PORT =
      add(
          "KUMA_READINESS_PORT",
          "9902",
          "a port from 1 to 65535",
          "Port on loopback for `/ready` and `/metrics`",
          text -> number(text, 1, 65_535));
  public static final Setting<TransportKind> TRANSPORT =
      add(
          "KUMARUN_TRANSPORT",
          "auto",
          "auto, epoll or nio",
          "How sockets are watched: `epoll`, `nio`, or `auto` for the best that works here",
          text -> TransportKind.valueOf(text.toUpperCase(Locale.ROOT)));
  public static final Setting<String> ACCESS_LOG =
      add(
          "KUMARUN_ACCESS_LOG",
          "/dev/stdout",
          "a file, or off",
          "File that gets a line per request in Envoy's format; `off` for none",
          Function.identity());
  public static final Setting<LogLevel> LOG_LEVEL =
      add(
          "KUMARUN_LOG_LEVEL",
          "info",
          "error, warn, info, debug or trace",
          "How much the program says about itself, on stderr",
          text -> LogLevel.valueOf(text.toUpperCase(Locale.ROOT)));

  /** Read by the scripts and the tests, not by the program. */
  private static final List<String> OF_SCRIPTS =
      List.of("KUMARUN_JAVA_OPTS", "KUMARUN_ENVOY", "KUMARUN_REQUIRE_ENVOY");

  private SettingCatalog() {}

  /** In the order of the table. */
  static List<Setting<?>> all() {
    return List.copyOf(ALL);
  }

  /** Whether a variable with our own prefix means something. */
  static boolean isKnown(String name) {
    return OF_SCRIPTS.contains(name) || ALL.stream().anyMatch(known -> known.name().equals(name));
  }

  private static <T> Setting<T> add(
      String name,
      String defaultText,
      String expected,
      String meaning,
      Function<String, T> parser) {
    return add(Setting.of(name, defaultText, expected, meaning, parser));
  }

  private static <T> Setting<T> addSecret(
      String name, String expected, String meaning, Function<String, T> parser) {
    return add(new Setting<>(name, "", expected, meaning, true, parser));
  }

  private static <T> Setting<T> add(Setting<T> setting) {
    ALL.add(setting);
    return setting;
  }

  private static URI url(String text) {
    URI url = URI.create(text);
    return require(
        url,
        url.getHost() != null
            && Arrays.asList("http", "https").contains(url.getScheme())
            && url.getUserInfo() == null);
  }

  private static String pem(String text) {
    return require(text, text.contains("-----BEGIN CERTIFICATE-----"));
  }

  private static Path readableFile(String text) {
    Path path = Path.of(text);
    return require(path, Files.isReadable(path) && !Files.isDirectory(path));
  }

  private static Path writableFolder(String text) {
    Path path = Path.of(text);
    return require(path, Files.isDirectory(path) && Files.isWritable(path));
  }

  private static Secret token(String text) {
    String token = text.strip();
    return require(new Secret(token), token.chars().noneMatch(c -> c <= ' '));
  }

  private static boolean bool(String text) {
    return switch (text) {
      case "true", "TRUE", "True", "t", "T", "1" -> true;
      case "false", "FALSE", "False", "f", "F", "0" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static Duration positiveDuration(String text) {
    Duration duration = GoDuration.parse(text);
    return require(duration, duration.isPositive());
  }

  private static int number(String text, int least, int most) {
    int number = Integer.parseInt(text);
    return require(number, number >= least && number <= most);
  }

  private static <T> T require(T value, boolean right) {
    if (!right) {
      throw new IllegalArgumentException("out of range");
    }
    return value;
  }
}
