package io.kumarun.devmesh.controlplane;

import io.envoyproxy.envoy.config.core.v3.Node;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One thing that happened between the control plane and a data plane. Immutable. */
public sealed interface AdsEvent {

  /** The data plane, {@code <mesh>.<name>}; empty if it never said. */
  String nodeId();

  /** A bootstrap request was answered with this HTTP status. */
  record Bootstrapped(String nodeId, int status) implements AdsEvent {}

  /** A stream was accepted. */
  record Connected(String nodeId, Node node, boolean delta) implements AdsEvent {}

  /** A stream was refused, and this is what the data plane was told. */
  record Refused(String nodeId, String reason) implements AdsEvent {}

  /**
   * The health of a cluster of a data plane, as it says, for the first time or another one.
   *
   * @param cluster the name it was asked under
   */
  record Health(String nodeId, String cluster, boolean healthy) implements AdsEvent {}

  /** An accepted stream ended. */
  record Disconnected(String nodeId) implements AdsEvent {}

  /** The Dataplane of a data plane that had registered itself was deleted. */
  record Deregistered(String nodeId) implements AdsEvent {}

  /** A data plane is in, but there is nothing it can be told. */
  record NotRendered(String nodeId, String reason) implements AdsEvent {}

  /**
   * A discovery request.
   *
   * @param acceptedVersion {@code version_info} (state of the world only)
   * @param nonce {@code response_nonce}; empty for a subscription
   * @param names the names asked for, all (state of the world) or new ones (delta)
   * @param unsubscribed names no longer wanted (delta only)
   * @param initialVersions {@code initial_resource_versions} (delta only)
   * @param error the message of {@code error_detail}, if there was one: then it is a NACK
   */
  record Received(
      String nodeId,
      String typeUrl,
      String acceptedVersion,
      String nonce,
      List<String> names,
      List<String> unsubscribed,
      Map<String, String> initialVersions,
      @Nullable String error)
      implements AdsEvent {

    public Received {
      names = List.copyOf(names);
      unsubscribed = List.copyOf(unsubscribed);
      initialVersions = Map.copyOf(initialVersions);
    }

    /** Whether this is about that type of resource. */
    public boolean isAbout(ResourceType type) {
      return type.typeUrl().equals(typeUrl);
    }

    public boolean isAck() {
      return !nonce.isEmpty() && error == null;
    }

    public boolean isNack() {
      return error != null;
    }
  }

  /**
   * A discovery response.
   *
   * @param names names of the resources in it (delta only)
   * @param removed names of the resources that are gone (delta only)
   */
  record Sent(
      String nodeId,
      String typeUrl,
      String version,
      String nonce,
      List<String> names,
      List<String> removed)
      implements AdsEvent {

    public Sent {
      names = List.copyOf(names);
      removed = List.copyOf(removed);
    }

    /** Whether this is about that type of resource. */
    public boolean isAbout(ResourceType type) {
      return type.typeUrl().equals(typeUrl);
    }
  }
}
