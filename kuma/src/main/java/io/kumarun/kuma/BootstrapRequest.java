package io.kumarun.kuma;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The body of {@code POST /bootstrap} (contract §1.2). Holds the token: never logged. */
final class BootstrapRequest {
  /** The control plane compares it with its own, only to show whether they go together. */
  private static final String KUMA_VERSION = "2.14.3";

  /** What is spoken here is Envoy's configuration as of this version. */
  private static final String ENVOY_VERSION = "1.40.0";

  /** Only what is served; each other feature would move configuration to where nobody looks. */
  private static final List<String> FEATURES =
      List.of("feature-delta-grpc", "feature-unified-resource-naming");

  private static final ObjectMapper JSON = new ObjectMapper();

  private BootstrapRequest() {}

  static byte[] body(KumaSettings settings, String caPem, String token) {
    ObjectNode root = JSON.createObjectNode();
    root.put("mesh", settings.dataplane().mesh());
    root.put("name", settings.dataplane().name());
    root.put("proxyType", "dataplane");
    root.put("dataplaneToken", token);
    if (settings.dataplane().json() != null) {
      root.put("dataplaneResource", settings.dataplane().json());
    }
    ObjectNode version = root.putObject("version");
    version
        .putObject("kumaDp")
        .put("version", KUMA_VERSION)
        .put("gitTag", "v" + KUMA_VERSION)
        .put("gitCommit", "unknown")
        .put("buildDate", "unknown");
    version
        .putObject("envoy")
        .put("version", ENVOY_VERSION)
        .put("build", "kumarun-" + settings.version() + "/" + ENVOY_VERSION)
        .put("kumaDpCompatible", true);
    root.put("caCert", caPem);
    ObjectNode metadata = root.putObject("dynamicMetadata");
    settings.dynamicMetadata().forEach(metadata::put);
    root.put("readinessPort", settings.readinessPort());
    root.put("operatingSystem", "linux");
    ArrayNode features = root.putArray("features");
    FEATURES.forEach(features::add);
    HostFacts host = settings.host();
    if (host.reusePort()) {
      features.add("feature-reuse-port");
    }
    if (host.bindOutbounds()) {
      features.add("feature-bind-outbounds");
    }
    root.put("ipv6Enabled", host.ipv6());
    if (host.systemCaPath() != null) {
      root.put("systemCaPath", host.systemCaPath());
    }
    ObjectNode metrics = root.putObject("metricsResources");
    if (host.metricsCertPath() != null) {
      metrics.put("certPath", host.metricsCertPath());
    }
    if (host.metricsKeyPath() != null) {
      metrics.put("keyPath", host.metricsKeyPath());
    }
    root.put("workdir", settings.workdir());
    try {
      return JSON.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // a tree of strings is always JSON
    }
  }
}
