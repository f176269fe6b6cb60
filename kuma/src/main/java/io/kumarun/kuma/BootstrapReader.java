package io.kumarun.kuma;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.kumarun.proxy.config.Address;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads the answer of {@code POST /bootstrap}: JSON around an Envoy bootstrap in YAML. */
final class BootstrapReader {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectMapper YAML = new YAMLMapper();

  private BootstrapReader() {}

  static Bootstrap fromResponse(byte[] body) throws BootstrapException {
    String encoded;
    try {
      encoded = JSON.readTree(body).path("bootstrap").asText("");
    } catch (java.io.IOException e) {
      throw unusable("it is not JSON");
    }
    try {
      return fromYaml(new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      throw unusable("its field \"bootstrap\" is not base64");
    }
  }

  /** Field names may be in camel case or in snake case. */
  static Bootstrap fromYaml(String yaml) throws BootstrapException {
    JsonNode root;
    try {
      root = YAML.readTree(yaml);
    } catch (JsonProcessingException e) {
      throw unusable("its bootstrap is not YAML");
    }
    JsonNode node = field(root, "node");
    if (field(node, "id").asText("").isEmpty()) {
      throw unusable("it names no node");
    }
    JsonNode service =
        field(field(field(root, "dynamic_resources"), "ads_config"), "grpc_services");
    JsonNode grpc = service.path(0);
    JsonNode cluster = cluster(root, field(field(grpc, "envoy_grpc"), "cluster_name").asText(""));
    JsonNode address =
        field(
            field(
                field(field(field(cluster, "load_assignment"), "endpoints").path(0), "lb_endpoints")
                    .path(0),
                "endpoint"),
            "address");
    JsonNode socket = field(address, "socket_address");
    String host = field(socket, "address").asText("");
    int port = field(socket, "port_value").asInt();
    if (host.isEmpty() || port < 1 || port > 65535) {
      throw unusable("it does not say where ADS is (dynamic_resources.ads_config)");
    }
    JsonNode tls = field(field(cluster, "transport_socket"), "typed_config");
    JsonNode validation = validation(root, field(tls, "common_tls_context"));
    return new Bootstrap(
        Node.newBuilder()
            .setId(field(node, "id").asText())
            .setCluster(field(node, "cluster").asText(""))
            .setMetadata(struct(field(node, "metadata")))
            .build(),
        host,
        port,
        !tls.isMissingNode(),
        inline(field(validation, "trusted_ca")),
        names(validation, field(tls, "sni").asText("")),
        authorization(grpc),
        admin(field(field(root, "admin"), "address")),
        !field(root, "hds_config").isMissingNode(),
        yaml);
  }

  private static JsonNode cluster(JsonNode root, String name) {
    for (JsonNode cluster : field(field(root, "static_resources"), "clusters")) {
      if (cluster.path("name").asText("").equals(name)) {
        return cluster;
      }
    }
    return MissingNode.getInstance();
  }

  private static JsonNode validation(JsonNode root, JsonNode context) {
    JsonNode inline = field(context, "validation_context");
    if (!inline.isMissingNode()) {
      return inline;
    }
    String secret =
        field(field(context, "validation_context_sds_secret_config"), "name").asText("");
    for (JsonNode each : field(field(root, "static_resources"), "secrets")) {
      if (each.path("name").asText("").equals(secret)) {
        return field(each, "validation_context");
      }
    }
    return MissingNode.getInstance();
  }

  private static List<String> names(JsonNode validation, String sni) {
    List<String> names = new ArrayList<>();
    for (JsonNode each : field(validation, "match_typed_subject_alt_names")) {
      String name = field(field(each, "matcher"), "exact").asText("");
      if (!name.isEmpty() && !names.contains(name)) {
        names.add(name);
      }
    }
    if (names.isEmpty() && !sni.isEmpty()) {
      names.add(sni);
    }
    return names;
  }

  private static String authorization(JsonNode grpc) {
    for (JsonNode entry : field(grpc, "initial_metadata")) {
      if (entry.path("key").asText("").equals("authorization")) {
        return entry.path("value").asText("");
      }
    }
    return "";
  }

  private static @Nullable Address admin(JsonNode address) {
    String pipe = field(field(address, "pipe"), "path").asText("");
    if (!pipe.isEmpty()) {
      return new Address.Pipe(pipe);
    }
    JsonNode socket = field(address, "socket_address");
    String host = field(socket, "address").asText("");
    return host.isEmpty() ? null : new Address.Socket(host, field(socket, "port_value").asInt());
  }

  private static String inline(JsonNode source) throws BootstrapException {
    String bytes = field(source, "inline_bytes").asText("");
    if (bytes.isEmpty()) {
      return field(source, "inline_string").asText("");
    }
    try {
      return new String(Base64.getMimeDecoder().decode(bytes), StandardCharsets.ISO_8859_1);
    } catch (IllegalArgumentException e) {
      throw unusable("the authorities for ADS are not base64");
    }
  }

  private static Struct struct(JsonNode object) {
    Struct.Builder struct = Struct.newBuilder();
    for (var entry : object.properties()) {
      struct.putFields(entry.getKey(), value(entry.getValue()));
    }
    return struct.build();
  }

  private static Value value(JsonNode node) {
    Value.Builder value = Value.newBuilder();
    switch (node.getNodeType()) {
      case STRING -> value.setStringValue(node.textValue());
      case NUMBER -> value.setNumberValue(node.doubleValue());
      case BOOLEAN -> value.setBoolValue(node.booleanValue());
      case OBJECT -> value.setStructValue(struct(node));
      case ARRAY -> {
        ListValue.Builder list = ListValue.newBuilder();
        node.forEach(element -> list.addValues(value(element)));
        value.setListValue(list);
      }
      case NULL, MISSING, BINARY, POJO -> value.setNullValue(NullValue.NULL_VALUE);
    }
    return value.build();
  }

  /** A field by its snake-case name, or by the camel-case one that protobuf makes of it. */
  private static JsonNode field(JsonNode parent, String name) {
    JsonNode found = parent.path(name);
    if (!found.isMissingNode() || name.indexOf('_') < 0) {
      return found;
    }
    StringBuilder camel = new StringBuilder();
    for (String word : name.split("_", -1)) {
      camel.append(
          camel.isEmpty()
              ? word
              : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
    }
    return parent.path(camel.toString());
  }

  private static BootstrapException unusable(String why) {
    return new BootstrapException(
        "the control plane's bootstrap answer cannot be used: "
            + why
            + "; is this the URL of a Kuma control plane (port 5678)?",
        false);
  }
}
