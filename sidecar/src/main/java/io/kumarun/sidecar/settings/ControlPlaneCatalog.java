package io.kumarun.sidecar.settings;

import static io.kumarun.sidecar.settings.Setting.named;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The settings for reaching the control plane, once each. */
public final class ControlPlaneCatalog {
  private static final List<Setting<?>> ALL = new ArrayList<>();

  public static final Setting<URI> URL =
      add(
          named(
                  "KUMA_CONTROL_PLANE_URL",
                  "https://localhost:5678",
                  "an http or https URL such as https://kuma-cp.example:5678",
                  "Where the control plane is; bootstrap, xDS and HDS share the port",
                  ValueSyntax::url)
              .flags("--cp-address"));
  public static final Setting<String> CA_CERT =
      add(
          named(
              "KUMA_CONTROL_PLANE_CA_CERT",
              "",
              "certificates in PEM",
              "Certificates (PEM) that the control plane's is checked against; without these or the"
                  + " file, the system's",
              ValueSyntax::pem));
  public static final Setting<Path> CA_CERT_FILE =
      add(
          named(
                  "KUMA_CONTROL_PLANE_CA_CERT_FILE",
                  "",
                  SettingCatalog.FILE,
                  "File with the certificates (PEM) that the one of the control plane is checked against; `KUMA_CONTROL_PLANE_CA_CERT` wins",
                  ValueSyntax::readableFile)
              .flags("--ca-cert-file"));
  public static final Setting<Boolean> TLS_SKIP_VERIFY =
      add(
          named(
                  "KUMA_CONTROL_PLANE_TLS_SKIP_VERIFY",
                  "false",
                  SettingCatalog.BOOL,
                  "Do not check the certificate of the control plane; for experiments only",
                  ValueSyntax::bool)
              .flags("--skip-verify"));
  public static final Setting<Duration> RETRY_BACKOFF =
      add(
          named(
              "KUMA_CONTROL_PLANE_RETRY_BACKOFF",
              "3s",
              SettingCatalog.DURATION,
              "Pause between attempts to reach the control plane at start",
              ValueSyntax::positiveDuration));
  public static final Setting<Duration> RETRY_MAX_DURATION =
      add(
          named(
              "KUMA_CONTROL_PLANE_RETRY_MAX_DURATION",
              "5m",
              SettingCatalog.DURATION,
              "How long the start tries to reach it",
              ValueSyntax::positiveDuration));

  private ControlPlaneCatalog() {}

  static List<Setting<?>> all() {
    return ALL;
  }

  private static <T> Setting<T> add(Setting<T> setting) {
    ALL.add(setting);
    return setting;
  }
}
