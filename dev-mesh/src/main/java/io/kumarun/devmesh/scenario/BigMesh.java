package io.kumarun.devmesh.scenario;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.kumarun.devmesh.controlplane.Snapshot;
import java.util.ArrayList;
import java.util.List;

/**
 * A large mesh as one data plane is told of it: many copies of one recorded service, each with a
 * cluster, endpoints and TLS names of its own. The first of them also have an outbound listener,
 * and lead to the endpoints of the service that was copied, so that they can be called. Immutable.
 *
 * @param clusters how many copies
 * @param endpoints how many of each copy that cannot be called
 * @param listeners how many copies can be called
 */
public record BigMesh(int clusters, int endpoints, int listeners) {

  private static final int FIRST_PORT = 11_000;
  private static final String SERVICE = "backend";

  /** What was copied. */
  private record Template(Cluster cluster, ClusterLoadAssignment endpoints, Listener listener) {}

  /**
   * Adds the copies to what a data plane gets.
   *
   * @param cluster the cluster to copy, which has endpoints and an outbound listener
   * @param generation with each one every list of endpoints changes, and every tenth cluster
   */
  public Snapshot addTo(Snapshot base, String cluster, int generation) {
    Template template =
        new Template(
            base.resource(Cluster.class, cluster).orElseThrow(),
            base.resource(ClusterLoadAssignment.class, cluster).orElseThrow(),
            base.resources(Listener.class).stream()
                .filter(listener -> listener.toString().contains(cluster))
                .filter(listener -> listener.getName().startsWith("outbound"))
                .findFirst()
                .orElseThrow());
    List<Message> copies = new ArrayList<>();
    for (int number = 0; number < clusters; number++) {
      copies.add(cluster(template, number, generation));
      copies.add(endpoints(template, number, generation));
      if (number < listeners) {
        copies.add(listener(template, number));
      }
    }
    return base.with(copies.toArray(Message[]::new));
  }

  /** Port of the outbound listener of a copy, at the address of the one that was copied. */
  public int port(int number) {
    return FIRST_PORT + number;
  }

  /** Name of the cluster of a copy. */
  public String name(String cluster, int number) {
    return renamed(cluster, number);
  }

  private Cluster cluster(Template template, int number, int generation) {
    int seconds = number % 10 == 0 ? 5 + generation : 5;
    Cluster copy =
        number < listeners
            ? acceptingOneMore(template.cluster(), number)
            : parsed(Cluster.getDefaultInstance(), rename(template.cluster(), number));
    return copy.toBuilder()
        .setName(renamed(template.cluster().getName(), number))
        .setConnectTimeout(Duration.newBuilder().setSeconds(seconds))
        .build();
  }

  /** Takes one more name of its server, so that its TLS settings are no other cluster's. */
  private static Cluster acceptingOneMore(Cluster cluster, int number) {
    if (!cluster.hasTransportSocket()) {
      return cluster;
    }
    Any config = cluster.getTransportSocket().getTypedConfig();
    UpstreamTlsContext.Builder tls;
    try {
      tls = UpstreamTlsContext.parseFrom(config.getValue()).toBuilder();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(cluster.getName() + " has no TLS that can be read", e);
    }
    tls.getCommonTlsContextBuilder()
        .getCombinedValidationContextBuilder()
        .getDefaultValidationContextBuilder()
        .addMatchTypedSubjectAltNamesBuilder()
        .setSanType(SubjectAltNameMatcher.SanType.URI)
        .getMatcherBuilder()
        .setExact("spiffe://mesh/service-" + number);
    Cluster.Builder copy = cluster.toBuilder();
    copy.getTransportSocketBuilder().setTypedConfig(Any.pack(tls.build()));
    return copy.build();
  }

  private ClusterLoadAssignment endpoints(Template template, int number, int generation) {
    LocalityLbEndpoints locality = template.endpoints().getEndpoints(0);
    LocalityLbEndpoints.Builder copies = locality.toBuilder().clearLbEndpoints();
    if (number < listeners) {
      locality
          .getLbEndpointsList()
          .forEach(endpoint -> copies.addLbEndpoints(marked(endpoint, generation)));
    } else {
      LbEndpoint one =
          marked(
              parsed(LbEndpoint.getDefaultInstance(), rename(locality.getLbEndpoints(0), number)),
              generation);
      for (int each = 0; each < endpoints; each++) {
        int place = number * endpoints + each;
        LbEndpoint.Builder copy = one.toBuilder();
        copy.getEndpointBuilder()
            .getAddressBuilder()
            .getSocketAddressBuilder()
            .setAddress(
                "10.%d.%d.%d".formatted(generation % 250, 1 + place / 250 % 250, 1 + place % 250))
            .setPortValue(1024 + place / 62_500);
        copies.addLbEndpoints(copy);
      }
    }
    return ClusterLoadAssignment.newBuilder()
        .setClusterName(renamed(template.endpoints().getClusterName(), number))
        .addEndpoints(copies)
        .build();
  }

  /** Says in its metadata of which generation it is. */
  private static LbEndpoint marked(LbEndpoint endpoint, int generation) {
    Value value = Value.newBuilder().setStringValue("g" + generation).build();
    Struct labels =
        endpoint.getMetadata().getFilterMetadataOrDefault("envoy.lb", Struct.getDefaultInstance());
    Metadata metadata =
        endpoint.getMetadata().toBuilder()
            .putFilterMetadata(
                "envoy.lb", labels.toBuilder().putFields("generation", value).build())
            .build();
    return endpoint.toBuilder().setMetadata(metadata).build();
  }

  private Listener listener(Template template, int number) {
    Listener.Builder copy =
        parsed(Listener.getDefaultInstance(), rename(template.listener(), number)).toBuilder();
    var address = copy.getAddressBuilder().getSocketAddressBuilder().setPortValue(port(number));
    return copy.setName("outbound:" + address.getAddress() + ":" + port(number)).build();
  }

  private static Message rename(Message message, int number) {
    return new MessageRewriter() {
      @Override
      String text(String text) {
        return renamed(text, number);
      }
    }.rewrite(message);
  }

  private static String renamed(String text, int number) {
    return text.replace(SERVICE, "service-" + number);
  }

  @SuppressWarnings("unchecked") // a parser of M makes an M
  private static <M extends Message> M parsed(M prototype, Message message) {
    try {
      return (M) prototype.getParserForType().parseFrom(message.toByteString());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("A message that was just written cannot be read", e);
    }
  }
}
