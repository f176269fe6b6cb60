package io.kumarun.sidecar.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What kuma-dp has and this program has no use for: accepted, so that a start command moves over as
 * it is, and named once.
 */
public final class IneffectiveSettings {
  /** No value, as {@code --transparent-proxy} alone, means true. */
  private static final List<Setting<String>> ALL =
      List.of(
          variable("KUMA_CONTROL_PLANE_API_SERVER_URL"),
          variable("KUMA_DATAPLANE_RESILIENT_COMPONENT_BASE_BACKOFF"),
          variable("KUMA_DATAPLANE_RESILIENT_COMPONENT_MAX_BACKOFF"),
          variable("KUMA_DATAPLANE_RUNTIME_BINARY_PATH").flags("--binary-path"),
          variable("KUMA_DATAPLANE_RUNTIME_ENVOY_COMPONENT_LOG_LEVEL")
              .flags("--envoy-component-log-level"),
          variable("KUMA_DATAPLANE_RUNTIME_DYNAMIC_CONFIGURATION"),
          variable("KUMA_DATAPLANE_RUNTIME_DYNAMIC_CONFIGURATION_REFRESH_INTERVAL"),
          variable("KUMA_DATAPLANE_RUNTIME_TRANSPARENT_PROXY"),
          onOff("--transparent-proxy"),
          variable("--transparent-proxy-config").flags("--transparent-proxy-config"),
          variable("KUMA_DATAPLANE_RUNTIME_ENVOY_XDS_TRANSPORT_PROTOCOL_VARIANT"),
          variable("KUMA_DATAPLANE_RUNTIME_UNIFIED_RESOURCE_NAMING_ENABLED"),
          variable("KUMA_DATAPLANE_RUNTIME_STRICT_INBOUND_PORTS_ENABLED"),
          variable("KUMA_DATAPLANE_RUNTIME_OTEL_PIPE_ENABLED"),
          variable("KUMA_DATAPLANE_RUNTIME_SPIRE_SUPPORTED"),
          variable("KUMA_DATAPLANE_RUNTIME_SPIRE_SOCKET_PATH"),
          variable("KUMA_DATAPLANE_RESOURCES_MAX_MEMORY_BYTES"),
          onOff("KUMA_DNS_ENABLED").flags("--dns-enabled"),
          variable("KUMA_DNS_PROXY_PORT").flags("--dns-proxy-port"),
          variable("KUMA_DNS_CORE_DNS_PORT").flags("--dns-coredns-port"),
          variable("KUMA_DNS_ENVOY_DNS_PORT").flags("--dns-envoy-port"),
          variable("KUMA_DNS_CORE_DNS_BINARY_PATH").flags("--dns-coredns-path"),
          variable("KUMA_DNS_CORE_DNS_CONFIG_TEMPLATE_PATH")
              .flags("--dns-coredns-config-template-path"),
          variable("KUMA_DNS_CONFIG_DIR").flags("--dns-server-config-dir"),
          variable("KUMA_DNS_PROMETHEUS_PORT").flags("--dns-prometheus-port"),
          onOff("KUMA_DNS_ENABLE_LOGGING").flags("--dns-enable-logging"),
          variable("KUMA_APPLICATION_PROBE_PROXY_PORT"),
          variable("--log-output-path").flags("--log-output-path"),
          variable("--log-max-retained-files").flags("--log-max-retained-files"),
          variable("--log-max-size").flags("--log-max-size"),
          variable("--log-max-age").flags("--log-max-age"));

  private IneffectiveSettings() {}

  public static List<Setting<String>> all() {
    return ALL;
  }

  /** The names of those that are set. */
  static List<String> given(Map<String, String> environment, CommandLineFlags flags) {
    List<String> given = new ArrayList<>();
    for (Setting<String> setting : ALL) {
      if (!flags.last(setting).isEmpty()) {
        given.add(setting.flags().getFirst());
      } else if (!environment.getOrDefault(setting.name(), "").isBlank()) {
        given.add(setting.name());
      }
    }
    return given;
  }

  private static Setting<String> variable(String name) {
    return Setting.named(name, "", "anything", "", text -> text);
  }

  private static Setting<String> onOff(String name) {
    Setting<String> setting = Setting.named(name, "false", "anything", "", text -> text);
    return name.startsWith("-") ? setting.flags(name) : setting;
  }
}
