package io.kumarun.kuma.inspect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;

/** The Envoy bootstrap as a message, from the YAML that the control plane gives. */
final class BootstrapDump {
  private static final String STRUCT = "type.googleapis.com/google.protobuf.Struct";
  private static final ObjectMapper YAML = new YAMLMapper();

  private BootstrapDump() {}

  /** With its secrets in it. What cannot be read is left out: the node at least is there. */
  static Bootstrap of(Inventory inventory) {
    Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
    try {
      JsonNode root = YAML.readTree(inventory.bootstrapYaml());
      replaceUnknownTypes(root);
      KnownTypes.parser().merge(root.toString(), bootstrap);
      return bootstrap.build();
    } catch (JsonProcessingException | InvalidProtocolBufferException e) {
      return Bootstrap.newBuilder().setNode(inventory.node()).build();
    }
  }

  private static void replaceUnknownTypes(JsonNode node) {
    if (node instanceof ArrayNode array) {
      array.forEach(BootstrapDump::replaceUnknownTypes);
    } else if (node instanceof ObjectNode object) {
      String url = object.path("@type").asText("");
      if (!url.isEmpty() && KnownTypes.byName(KnownTypes.typeName(url)) == null) {
        KnownTypes.byName("google.protobuf.Struct");
        object.removeAll();
        object.put("@type", STRUCT);
        object
            .putObject("value")
            .put("unknown_type", KnownTypes.typeName(url))
            .put("note", "this proxy cannot show it");
      }
      object.forEach(BootstrapDump::replaceUnknownTypes);
    }
  }
}
