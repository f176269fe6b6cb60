package io.kumarun.telemetry;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;

/**
 * The dotted name that Envoy gives a statistic, from the name and labels of its Prometheus export:
 * {@code envoy_cluster_upstream_rq_xx{envoy_cluster_name="a",envoy_response_code_class="2"}} is
 * {@code cluster.a.upstream_rq_2xx}.
 */
final class StatName {
  private static final String CODE_CLASS = "envoy_response_code_class";

  /** What stands before a label's value, by the name of the label. */
  private record Family(String label, String prefix, String dotted) {}

  private static final Family[] FAMILIES = {
    new Family("envoy_cluster_name", "envoy_cluster_", "cluster."),
    new Family("envoy_http_conn_manager_prefix", "envoy_http_", "http."),
    new Family("envoy_listener_address", "envoy_listener_", "listener."),
    new Family("envoy_tcp_prefix", "envoy_tcp_", "tcp."),
  };

  /** Parts of names whose underscores are dots in Envoy. */
  private static final String[][] SCOPES = {
    {"circuit_breakers_default_", "circuit_breakers.default."},
    {"circuit_breakers_high_", "circuit_breakers.high."},
    {"outlier_detection_", "outlier_detection."},
    {"health_check_", "health_check."},
    {"http1_", "http1."},
    {"http2_", "http2."},
    {"ssl_", "ssl."},
    {"rbac_", "rbac."},
    {"control_plane_", "control_plane."},
    {"server_", "server."},
  };

  private StatName() {}

  static String of(Meter.Id id) {
    String name = id.getName();
    for (Family family : FAMILIES) {
      String value = id.getTag(family.label);
      if (value != null && name.startsWith(family.prefix)) {
        return family.dotted
            + (family.dotted.equals("listener.") ? value.replace(':', '_') : value)
            + '.'
            + withClass(scoped(name.substring(family.prefix.length())), id)
            + others(id, family.label);
      }
    }
    String own = name.startsWith("envoy_") ? name.substring("envoy_".length()) : name;
    return withClass(scoped(own), id) + others(id, "");
  }

  private static String scoped(String name) {
    for (String[] scope : SCOPES) {
      if (name.startsWith(scope[0])) {
        return scope[1] + name.substring(scope[0].length());
      }
    }
    return name;
  }

  private static String withClass(String name, Meter.Id id) {
    String codeClass = id.getTag(CODE_CLASS);
    return codeClass == null ? name : name.replace("_xx", "_" + codeClass + "xx");
  }

  /** Labels that Envoy has no place for keep two statistics apart nevertheless. */
  private static String others(Meter.Id id, String known) {
    StringBuilder rest = new StringBuilder();
    for (Tag tag : id.getTags()) {
      if (!tag.getKey().equals(known) && !tag.getKey().equals(CODE_CLASS)) {
        rest.append('.').append(tag.getKey()).append('.').append(tag.getValue());
      }
    }
    return rest.toString();
  }
}
