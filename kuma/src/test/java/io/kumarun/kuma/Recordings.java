package io.kumarun.kuma;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.kumarun.kuma.translate.ResourceKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What a real control plane sent, from the test resources. State-of-the-world responses are turned
 * into delta ones.
 */
public final class Recordings {
  private Recordings() {}

  /** All data planes of all scenarios, as {@code scenario/dataplane}. */
  public static List<String> dataplanes() {
    Path root = root();
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.endsWith("raw"))
          .map(file -> root.relativize(file.getParent()).toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The responses that one data plane got, in order. */
  public static List<DeltaDiscoveryResponse> responses(String dataplane) {
    boolean delta = dataplane.startsWith("delta-") || dataplane.startsWith("v3/");
    try (Stream<Path> files = Files.list(root().resolve(dataplane).resolve("raw"))) {
      return files.sorted().map(file -> response(file, delta)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A text file of the recordings. */
  public static String text(String name) {
    try {
      return Files.readString(root().resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static DeltaDiscoveryResponse response(Path file, boolean delta) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      return delta ? DeltaDiscoveryResponse.parseFrom(bytes) : delta(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static DeltaDiscoveryResponse delta(byte[] bytes) throws InvalidProtocolBufferException {
    DiscoveryResponse source = DiscoveryResponse.parseFrom(bytes);
    DeltaDiscoveryResponse.Builder response =
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(source.getTypeUrl())
            .setNonce(source.getNonce());
    for (Any any : source.getResourcesList()) {
      response.addResources(
          Resource.newBuilder()
              .setName(name(any))
              .setVersion(source.getVersionInfo())
              .setResource(any));
    }
    return response.build();
  }

  static String name(Any any) throws InvalidProtocolBufferException {
    ResourceKind kind = ResourceKind.ofTypeUrl(any.getTypeUrl());
    if (kind == null) {
      throw new IllegalArgumentException(any.getTypeUrl());
    }
    return switch (kind) {
      case CLUSTER -> any.unpack(Cluster.class).getName();
      case ENDPOINTS -> any.unpack(ClusterLoadAssignment.class).getClusterName();
      case SECRET -> any.unpack(Secret.class).getName();
      case LISTENER -> any.unpack(Listener.class).getName();
    };
  }

  private static Path root() {
    try {
      return Path.of(Objects.requireNonNull(Recordings.class.getResource("/recordings")).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
