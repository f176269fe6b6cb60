package io.kumarun.devmesh.scenario;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads the clusters, endpoints and listeners of a data plane in a scenario, moved to a topology.
 * Secrets are not recorded: they are issued. Any thread.
 */
public final class ScenarioResources {

  private static final List<String> FILES =
      List.of("clusters.txtpb", "endpoints.txtpb", "listeners.txtpb");

  private ScenarioResources() {}

  /**
   * The resources of one data plane.
   *
   * @param adminMaterial PEM for {@code @admin-certificate}, {@code @admin-private-key} and {@code
   *     @admin-authority}
   */
  public static List<Message> of(
      Scenario scenario,
      Topology topology,
      Dataplane dataplane,
      Map<String, String> adminMaterial) {
    if (!scenario.roles().contains(dataplane.role())) {
      throw new IllegalArgumentException(
          scenario.id() + " has no data plane with the role " + dataplane.role());
    }
    Relocation relocation = new Relocation(scenario, topology, dataplane, adminMaterial);
    List<Message> resources = new ArrayList<>();
    for (String file : FILES) {
      for (Any recorded : recorded(scenario.recording() + "/" + dataplane.role() + "/" + file)) {
        resources.add(
            typed(recorded.getTypeUrl(), relocation.rewrite(EnvoyTypes.unpack(recorded))));
      }
    }
    return Derivation.of(scenario, topology).apply(resources);
  }

  /** The resources as recorded, or none where the file is missing: not everybody has endpoints. */
  private static List<Any> recorded(String path) {
    try (InputStream in = ScenarioResources.class.getResourceAsStream("/scenarios/" + path)) {
      if (in == null) {
        return List.of();
      }
      DiscoveryResponse.Builder all = DiscoveryResponse.newBuilder();
      TextFormat.Parser.newBuilder()
          .setTypeRegistry(EnvoyTypes.registry())
          .build()
          .merge(new InputStreamReader(in, StandardCharsets.UTF_8), all);
      return all.getResourcesList();
    } catch (IOException e) {
      throw new UncheckedIOException("The recording " + path + " cannot be read", e);
    }
  }

  private static Message typed(String typeUrl, Message message) {
    try {
      return switch (typeUrl.substring(typeUrl.lastIndexOf('.') + 1)) {
        case "Cluster" -> Cluster.parseFrom(message.toByteString());
        case "ClusterLoadAssignment" -> ClusterLoadAssignment.parseFrom(message.toByteString());
        case "Listener" -> Listener.parseFrom(message.toByteString());
        default -> throw new IllegalArgumentException("Not a recorded resource: " + typeUrl);
      };
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("Damaged resource of type " + typeUrl, e);
    }
  }
}
