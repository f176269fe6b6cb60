package io.kumarun.kuma;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which Dataplane this is.
 *
 * @param json the resource; null: it was created beforehand
 */
public record DataplaneResource(String mesh, String name, @Nullable String json) {
  private static final ObjectMapper YAML = new YAMLMapper();

  /** Kuma's own rule (meta_validator.go). */
  private static final Pattern NAME =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

  private static final int LONGEST_NAME = 253;

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
    try {
      root = YAML.readTree(document); // JSON is YAML
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "the Dataplane resource is neither YAML nor JSON: " + e.getOriginalMessage());
    }
    String type = root.path("type").asText("");
    if (!type.equals("Dataplane")) {
      throw new IllegalArgumentException(
          "the Dataplane resource has type \"" + type + "\", expected \"Dataplane\"");
    }
    ObjectNode dataplane = (ObjectNode) root;
    if (dataplane.path("mesh").asText("").isEmpty()) {
      dataplane.put("mesh", "default");
    }
    String name = dataplane.path("name").asText("");
    if (!name.isEmpty() && (name.length() > LONGEST_NAME || !NAME.matcher(name).matches())) {
      throw new IllegalArgumentException(
          "the Dataplane cannot be called \""
              + name
              + "\": expected a-z, 0-9, '-' and '.', with a letter or digit at both ends");
    }
    return new DataplaneResource(dataplane.path("mesh").asText(), name, dataplane.toString());
  }
}
