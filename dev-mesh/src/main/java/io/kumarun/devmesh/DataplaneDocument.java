package io.kumarun.devmesh;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Topology;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes what a person would write: Dataplane resources and bootstrap requests. */
final class DataplaneDocument {

  private static final ObjectMapper JSON = new ObjectMapper();

  private DataplaneDocument() {}

  /** The Dataplane resource as JSON, which is also YAML. */
  static String resource(Topology topology, Dataplane dataplane) {
    ObjectNode root = JSON.createObjectNode();
    root.put("type", "Dataplane");
    root.put("mesh", topology.mesh());
    root.put("name", dataplane.name());
    root.putObject("labels")
        .put("app", dataplane.service())
        .put("kuma.io/workload", dataplane.workload());
    ObjectNode networking = root.putObject("networking");
    networking.put("address", dataplane.address());
    networking.putObject("admin").put("port", dataplane.adminPort());
    ObjectNode inbound = networking.putArray("inbound").addObject();
    inbound.put("port", dataplane.inboundPort());
    inbound.put("servicePort", dataplane.applicationPort());
    inbound.put("serviceAddress", "127.0.0.1");
    inbound
        .putObject("tags")
        .put("kuma.io/protocol", protocol(dataplane))
        .put("kuma.io/service", dataplane.service());
    if (dataplane.serviceProbe()) {
      inbound.putObject("serviceProbe").putObject("tcp");
    }
    if (dataplane.role().equals("frontend")) {
      ArrayNode outbounds = networking.putArray("outbound");
      for (Map.Entry<String, Integer> outbound :
          new TreeMap<>(dataplane.outboundPorts()).entrySet()) {
        ObjectNode node = outbounds.addObject();
        node.put("address", dataplane.outboundAddress());
        node.put("port", outbound.getValue());
        node.putObject("tags").put("kuma.io/service", outbound.getKey());
      }
    }
    return root.toString();
  }

  /** What kuma-dp would post to {@code /bootstrap}. */
  static String bootstrapRequest(
      Topology topology, Dataplane dataplane, String token, List<String> features) {
    ObjectNode root = JSON.createObjectNode();
    root.put("mesh", topology.mesh());
    root.put("name", dataplane.name());
    root.put("proxyType", "dataplane");
    root.put("dataplaneToken", token);
    root.put("dataplaneResource", resource(topology, dataplane));
    ObjectNode version = root.putObject("version");
    version.putObject("kumaDp").put("version", "2.14.3");
    version.putObject("envoy").put("version", "1.40.0").put("kumaDpCompatible", true);
    root.put("readinessPort", dataplane.readinessPort());
    root.put("ipv6Enabled", false);
    if (dataplane.workdir() != null) {
      root.put("workdir", dataplane.workdir().toString());
    }
    ArrayNode list = root.putArray("features");
    features.forEach(list::add);
    return root.toString();
  }

  static String protocol(Dataplane dataplane) {
    return switch (dataplane.role()) {
      case "backend-tcp" -> "tcp";
      case "backend-grpc" -> "grpc";
      case "backend-http2" -> "http2";
      default -> "http";
    };
  }
}
