package io.kumarun.kuma;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import org.jspecify.annotations.Nullable;

/**
 * Which Dataplane this is.
 *
 * @param json the resource; null: it was created beforehand
 */
public record DataplaneResource(String mesh, String name, @Nullable String json) {
  private static final ObjectMapper YAML = new YAMLMapper();
  private static final ObjectMapper JSON = new ObjectMapper();

  public DataplaneResource {
    if (mesh.isEmpty() || name.isEmpty()) {
      throw new IllegalArgumentException(
          "Dataplane " + (name.isEmpty() ? "without a name" : name + " without a mesh"));
    }
  }

  /**
   * Reads a Dataplane document, YAML or JSON.
   *
   * @throws IllegalArgumentException with a sentence for the operator
   */
  public static DataplaneResource parse(String document) {
    JsonNode root;
    String json;
    try {
      root = YAML.readTree(document); // JSON is YAML
      json = JSON.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "the Dataplane resource is neither YAML nor JSON: " + e.getOriginalMessage());
    }
    String type = root.path("type").asText("");
    if (!type.equals("Dataplane")) {
      throw new IllegalArgumentException(
          "the Dataplane resource has type \"" + type + "\", expected \"Dataplane\"");
    }
    return new DataplaneResource(
        root.path("mesh").asText("default"), root.path("name").asText(""), json);
  }
}
