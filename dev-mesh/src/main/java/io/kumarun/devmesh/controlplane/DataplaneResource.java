package io.kumarun.devmesh.controlplane;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kumarun.devmesh.authority.ProxyClaim;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the control plane reads in a Dataplane resource. Immutable.
 *
 * @param workload label {@code kuma.io/workload}
 * @param tags values per tag over all inbounds
 * @param inbounds in its order
 * @param inline whether the data plane brought it along, so that it disappears with its stream
 */
record DataplaneResource(
    String mesh,
    String name,
    String address,
    int adminPort,
    @Nullable String workload,
    Map<String, List<String>> tags,
    List<Inbound> inbounds,
    String json,
    boolean inline) {

  /**
   * Where a service of the data plane is.
   *
   * @param probed whether the application's port is to be checked
   */
  record Inbound(
      String address, int port, String serviceAddress, int servicePort, boolean probed) {}

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads a Dataplane.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  static DataplaneResource parse(String json, boolean inline) {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("dataplaneResource: is not JSON", e);
    }
    if (!root.path("type").asText().equals("Dataplane")) {
      throw new IllegalArgumentException(
          "dataplaneResource: type must be Dataplane, not " + root.path("type").asText());
    }
    for (String field : new String[] {"mesh", "name"}) {
      if (root.path(field).asText().isEmpty()) {
        throw new IllegalArgumentException(field + ": cannot be empty");
      }
    }
    JsonNode networking = root.path("networking");
    if (networking.path("address").asText().isEmpty()) {
      throw new IllegalArgumentException("networking.address: address can't be empty");
    }
    Map<String, List<String>> tags = new TreeMap<>();
    networking
        .path("inbound")
        .forEach(
            inbound ->
                inbound
                    .path("tags")
                    .properties()
                    .forEach(
                        tag ->
                            tags.computeIfAbsent(tag.getKey(), k -> new ArrayList<>())
                                .add(tag.getValue().asText())));
    List<Inbound> inbounds = new ArrayList<>();
    for (JsonNode inbound : networking.path("inbound")) {
      int port = inbound.path("port").asInt();
      inbounds.add(
          new Inbound(
              inbound.path("address").asText(networking.path("address").asText()),
              port,
              inbound.path("serviceAddress").asText(networking.path("address").asText()),
              inbound.path("servicePort").asInt(port),
              inbound.path("serviceProbe").has("tcp")));
    }
    JsonNode workload = root.path("labels").path("kuma.io/workload");
    return new DataplaneResource(
        root.path("mesh").asText(),
        root.path("name").asText(),
        networking.path("address").asText(),
        networking.path("admin").path("port").asInt(0),
        workload.isMissingNode() ? null : workload.asText(),
        tags,
        inbounds,
        json,
        inline);
  }

  String nodeId() {
    return mesh + "." + name;
  }

  /** The service it is known by, as the node's cluster. */
  String service() {
    List<String> services = tags.get("kuma.io/service");
    return services == null || services.isEmpty() ? "localhost" : services.getFirst();
  }

  ProxyClaim claim(boolean identityFromWorkload) {
    return new ProxyClaim(mesh, name, workload, tags, identityFromWorkload);
  }
}
