package io.kumarun.devmesh.controlplane;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.IntSupplier;

/**
 * The Envoy bootstrap that kuma-cp 2.14 writes (contract §1.3): node with its metadata, ADS over
 * TLS in the variant the data plane asked for, health discovery where it is switched on, admin on a
 * socket in its work directory, or on 127.0.0.1 without one. Any thread.
 */
final class BootstrapDocument {

  private static final String TYPE = "type.googleapis.com/envoy.extensions.";
  private static final int DEFAULT_ADMIN_PORT = 9901;

  private static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .disable(YAMLGenerator.Feature.SPLIT_LINES)
              .build());

  private final IntSupplier adsPort;
  private final String authorityPem;
  private final boolean healthDiscovery;

  /**
   * Creates the template.
   *
   * @param adsPort where xDS is served
   * @param authorityPem the authority to verify it with, for data planes that name none
   * @param healthDiscovery whether health reports are asked for
   */
  BootstrapDocument(IntSupplier adsPort, String authorityPem, boolean healthDiscovery) {
    this.adsPort = adsPort;
    this.authorityPem = authorityPem;
    this.healthDiscovery = healthDiscovery;
  }

  String yaml(JsonNode request, DataplaneResource dataplane, String host) {
    ObjectNode root = YAML.createObjectNode();
    admin(root.putObject("admin"), request, dataplane);
    root.set(
        "defaultRegexEngine",
        extension("envoy.regex_engines.google_re2", "regex_engines.v3.GoogleRE2"));
    dynamicResources(root.putObject("dynamicResources"), request);
    if (healthDiscovery) {
      // GRPC whatever variant ADS has, as Kuma writes.
      grpcSource(root.putObject("hdsConfig"), "GRPC", request);
    }
    ArrayNode layers = root.putObject("layeredRuntime").putArray("layers");
    layers
        .addObject()
        .put("name", "kuma")
        .putObject("staticLayer")
        .put("re2.max_program_size.error_level", 4294967295L)
        .put("re2.max_program_size.warn_level", 1000);
    node(root.putObject("node"), request, dataplane);
    ObjectNode resources = root.putObject("staticResources");
    ArrayNode clusters = resources.putArray("clusters");
    if (!workdir(request).isEmpty()) {
      cluster(clusters.addObject(), "access_log_sink")
          .putObject("pipe")
          .put(
              "path",
              workdir(request) + "/kuma-al-" + dataplane.name() + "-" + dataplane.mesh() + ".sock");
    }
    adsCluster(clusters.addObject(), host);
    validation(resources.putArray("secrets").addObject(), request, host);
    try {
      return YAML.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("The bootstrap could not be written", e);
    }
  }

  private static void admin(ObjectNode admin, JsonNode request, DataplaneResource dataplane) {
    ObjectNode log = admin.putArray("accessLog").addObject();
    log.put("name", "envoy.access_loggers.file");
    log.putObject("typedConfig")
        .put("@type", TYPE + "access_loggers.file.v3.FileAccessLog")
        .put("path", "/dev/null");
    if (workdir(request).isEmpty()) {
      admin
          .putObject("address")
          .putObject("socketAddress")
          .put("address", "127.0.0.1")
          .put("portValue", adminPort(dataplane));
    } else {
      admin
          .putObject("address")
          .putObject("pipe")
          .put("mode", 384)
          .put("path", adminSocket(request));
    }
  }

  private static void dynamicResources(ObjectNode dynamic, JsonNode request) {
    boolean delta = false;
    for (JsonNode feature : request.path("features")) {
      delta |= feature.asText().equals("feature-delta-grpc");
    }
    grpcSource(dynamic.putObject("adsConfig"), delta ? "DELTA_GRPC" : "GRPC", request);
    for (String source : new String[] {"cdsConfig", "ldsConfig"}) {
      ObjectNode config = dynamic.putObject(source);
      config.putObject("ads");
      config.put("initialFetchTimeout", "0s");
      config.put("resourceApiVersion", "V3");
    }
  }

  private static void grpcSource(ObjectNode source, String apiType, JsonNode request) {
    source.put("apiType", apiType);
    ObjectNode service = source.putArray("grpcServices").addObject();
    service.putObject("envoyGrpc").put("clusterName", "ads_cluster");
    service
        .putArray("initialMetadata")
        .addObject()
        .put("key", "authorization")
        .put("value", request.path("dataplaneToken").asText());
    source.put("setNodeOnFirstMessageOnly", true);
    source.put("transportApiVersion", "V3");
  }

  private static void node(ObjectNode node, JsonNode request, DataplaneResource dataplane) {
    node.put("cluster", dataplane.service());
    node.put("id", dataplane.nodeId());
    ObjectNode metadata = node.putObject("metadata");
    metadata.put("dataplane.admin.address", "127.0.0.1");
    metadata.put("dataplane.admin.port", Integer.toString(adminPort(dataplane)));
    if (!workdir(request).isEmpty()) {
      metadata.put("dataplane.admin.socketPath", adminSocket(request));
      metadata.put("workdir", workdir(request));
    }
    metadata.put("dataplane.dns.port", request.path("dnsPort").asText("0"));
    metadata.put("dataplane.proxyType", "dataplane");
    metadata.put("dataplane.readinessReporter.port", request.path("readinessPort").asText("0"));
    if (dataplane.inline()) {
      metadata.put("dataplane.resource", dataplane.json());
    }
    copy(request, "features", metadata, "features");
    copy(request, "version", metadata, "version");
    copy(request, "systemCaPath", metadata, "systemCaPath");
    copy(request, "ipv6Enabled", metadata, "ipv6Enabled");
    copy(request, "dynamicMetadata", metadata, "dynamicMetadata");
    metadata.put("metricsCertPath", request.path("metricsResources").path("certPath").asText());
    metadata.put("metricsKeyPath", request.path("metricsResources").path("keyPath").asText());
    metadata.put(
        "spireAgent.socketPath", request.path("spireResources").path("socketPath").asText());
  }

  private static void copy(JsonNode from, String name, ObjectNode to, String as) {
    JsonNode value = from.path(name);
    if (!value.isMissingNode() && !value.isNull()) {
      to.set(as, value);
    }
  }

  private static ObjectNode cluster(ObjectNode cluster, String name) {
    cluster.put("name", name);
    cluster.put("connectTimeout", "1s");
    cluster.put("type", "STATIC");
    ObjectNode http =
        cluster
            .putObject("typedExtensionProtocolOptions")
            .putObject("envoy.extensions.upstreams.http.v3.HttpProtocolOptions");
    http.put("@type", TYPE + "upstreams.http.v3.HttpProtocolOptions");
    http.putObject("explicitHttpConfig").putObject("http2ProtocolOptions");
    cluster
        .putObject("upstreamConnectionOptions")
        .putObject("tcpKeepalive")
        .put("keepaliveInterval", 10)
        .put("keepaliveProbes", 3)
        .put("keepaliveTime", 10);
    ObjectNode assignment = cluster.putObject("loadAssignment");
    assignment.put("clusterName", name);
    return assignment
        .putArray("endpoints")
        .addObject()
        .putArray("lbEndpoints")
        .addObject()
        .putObject("endpoint")
        .putObject("address");
  }

  private void adsCluster(ObjectNode cluster, String host) {
    cluster(cluster, "ads_cluster")
        .putObject("socketAddress")
        .put("address", host)
        .put("portValue", adsPort.getAsInt());
    if (!isAddress(host)) {
      cluster.put("type", "STRICT_DNS");
    }
    ObjectNode socket = cluster.putObject("transportSocket");
    socket.put("name", "envoy.transport_sockets.tls");
    ObjectNode tls = socket.putObject("typedConfig");
    tls.put("@type", TYPE + "transport_sockets.tls.v3.UpstreamTlsContext");
    ObjectNode common = tls.putObject("commonTlsContext");
    common.putObject("tlsParams").put("tlsMinimumProtocolVersion", "TLSv1_2");
    common.putObject("validationContextSdsSecretConfig").put("name", "cp_validation_ctx");
    tls.put("sni", host);
  }

  private void validation(ObjectNode secret, JsonNode request, String host) {
    secret.put("name", "cp_validation_ctx");
    ObjectNode context = secret.putObject("validationContext");
    ArrayNode names = context.putArray("matchTypedSubjectAltNames");
    for (String type : new String[] {"DNS", "IP_ADDRESS"}) {
      ObjectNode name = names.addObject();
      name.putObject("matcher").put("exact", host);
      name.put("sanType", type);
    }
    String given = request.path("caCert").asText();
    String pem = given.isEmpty() ? authorityPem : given;
    context
        .putObject("trustedCa")
        .put(
            "inlineBytes",
            Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.UTF_8)));
  }

  private static ObjectNode extension(String name, String type) {
    ObjectNode extension = YAML.createObjectNode();
    extension.put("name", name);
    extension.putObject("typedConfig").put("@type", TYPE + type);
    return extension;
  }

  private static String workdir(JsonNode request) {
    return request.path("workdir").asText();
  }

  private static String adminSocket(JsonNode request) {
    return workdir(request) + "/kuma-envoy-admin.sock";
  }

  private static int adminPort(DataplaneResource dataplane) {
    return dataplane.adminPort() == 0 ? DEFAULT_ADMIN_PORT : dataplane.adminPort();
  }

  private static boolean isAddress(String host) {
    return host.contains(":") || Character.isDigit(host.charAt(0));
  }
}
