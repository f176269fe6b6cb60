package io.kumarun.sidecar.settings;

import static io.kumarun.sidecar.settings.Setting.named;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The settings from which a Dataplane is derived, once each. */
public final class DerivationCatalog {
  private static final List<Setting<?>> ALL = new ArrayList<>();
  private static final String PORT = SettingCatalog.PORT;
  private static final String DNS_LABEL =
      "at most 63 of a-z, 0-9 and '-', with a letter or digit at both ends";

  public static final Setting<Integer> APP_PORT =
      add(
          named(
              "KUMARUN_APP_PORT",
              "",
              PORT,
              "Where the application listens on loopback; without it the Dataplane only sends",
              ValueSyntax::port));
  static final Setting<String> APP_PROTOCOL =
      add(
          named(
              "KUMARUN_APP_PROTOCOL",
              "http",
              "http, http2, grpc or tcp",
              "What the application speaks there: `http`, `http2`, `grpc` or `tcp`",
              ValueSyntax::protocol));
  static final Setting<Integer> INBOUND_PORT =
      add(
          named(
              "KUMARUN_INBOUND_PORT",
              "",
              PORT,
              "The port of it in the mesh; that of the application if unset",
              ValueSyntax::port));
  public static final Setting<List<Outbound>> OUTBOUNDS =
      add(
          named(
              "KUMARUN_OUTBOUNDS",
              "",
              "a list such as 10001=backend:80,10002=MeshMultiZoneService/orders:80",
              "Ports on loopback for services of the mesh: `10001=backend:80`,"
                  + " `10002=MeshMultiZoneService/orders:80`, `10003=MeshService{app=orders}:80`,"
                  + " `10004=MeshExternalService/stripe`, `10005=kuma.io/service=backend`;"
                  + " separated by commas",
              OutboundSyntax::outbounds));
  public static final Setting<String> SERVICE =
      add(
          named(
              "KUMARUN_SERVICE",
              "",
              DNS_LABEL,
              "The service in the mesh; `K_SERVICE`, `CLOUD_RUN_JOB` or `CLOUD_RUN_WORKER_POOL` if"
                  + " unset",
              ValueSyntax::dnsLabel));
  static final Setting<String> WORKLOAD =
      add(
          named(
              "KUMARUN_WORKLOAD",
              "",
              DNS_LABEL,
              "Label `kuma.io/workload`, from which the identity is made; the service if unset",
              ValueSyntax::dnsLabel));
  static final Setting<Map<String, String>> LABELS =
      add(
          named(
              "KUMARUN_LABELS",
              "",
              "labels such as app=orders,team=blue",
              "More labels of the Dataplane, `key=value` separated by commas; they win over derived"
                  + " ones",
              OutboundSyntax::labels));
  static final Setting<String> ADDRESS =
      add(
          named(
              "KUMARUN_ADDRESS",
              "",
              "an IP address or a host name, not 0.0.0.0 or ::",
              "Where peers without a tunnel reach this Dataplane; if unset, the address of the"
                  + " instance in a worker pool, else one that is never routable",
              ValueSyntax::address));
  public static final Setting<KumaVersion> KUMA =
      add(
          named(
                  "KUMARUN_KUMA",
                  "2.14",
                  "2.13, 2.14 or 3",
                  "The control plane's version, for the shape of a derived Dataplane: `2.14` (or"
                      + " `2.13`) or `3`",
                  KumaVersion::parse)
              .flags("--kuma"));

  /** Cloud Run's own, so no line of the table. */
  static final Setting<Integer> PLATFORM_PORT = named("PORT", "", PORT, "", ValueSyntax::port);

  private DerivationCatalog() {}

  static List<Setting<?>> all() {
    return ALL;
  }

  private static <T> Setting<T> add(Setting<T> setting) {
    ALL.add(setting);
    return setting;
  }
}
