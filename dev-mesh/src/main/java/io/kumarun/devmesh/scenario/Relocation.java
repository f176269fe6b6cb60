package io.kumarun.devmesh.scenario;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Moves the recorded resources of one data plane to the addresses, ports and names of a topology,
 * and gives its admin listener certificates of this process. Any thread.
 *
 * <p>The wildcard addresses of pass-through listeners become 127.0.0.1, since nothing in a
 * development mesh listens beyond loopback.
 */
final class Relocation extends MessageRewriter {

  private static final String CORE = "envoy.config.core.v3.";

  private final Topology topology;
  private final Dataplane dataplane;
  private final NameSubstitution names;
  private final Map<String, String> material;

  /**
   * Creates one.
   *
   * @param material PEM text per placeholder, as {@code @admin-certificate}
   */
  Relocation(
      Scenario scenario, Topology topology, Dataplane dataplane, Map<String, String> material) {
    this.topology = topology;
    this.dataplane = dataplane;
    this.names = new NameSubstitution(scenario, topology, dataplane);
    this.material = material;
  }

  @Override
  String text(String text) {
    return names.apply(text);
  }

  @Override
  Message message(Message message) {
    return switch (message.getDescriptorForType().getFullName()) {
      case CORE + "SocketAddress" -> socketAddress(message);
      case CORE + "Address" -> withoutWorkdir(message);
      case CORE + "DataSource" -> dataSource(message);
      case "envoy.config.listener.v3.FilterChainMatch" -> destinationPort(message);
      case "envoy.config.endpoint.v3.LocalityLbEndpoints" -> endpoints(message);
      default -> message;
    };
  }

  private Message socketAddress(Message socket) {
    FieldDescriptor addressField = field(socket, "address");
    FieldDescriptor portField = field(socket, "port_value");
    String address = (String) socket.getField(addressField);
    int port = (Integer) socket.getField(portField);
    RecordedDataplane own = RecordedDataplane.of(dataplane.role());
    String newAddress = address;
    int newPort = port;
    if (address.equals(own.address())) {
      newAddress = dataplane.address();
      newPort =
          port == RecordedDataplane.ADMIN_PORT ? dataplane.adminPort() : dataplane.inboundPort();
    } else if (address.equals("0.0.0.0") || address.equals("::")) {
      newAddress = RecordedDataplane.LOOPBACK;
    } else if (address.equals(RecordedDataplane.LOOPBACK)) {
      if (port == own.applicationPort()) {
        newPort = dataplane.applicationPort();
      } else if (port == RecordedDataplane.READINESS_PORT) {
        newPort = dataplane.readinessPort();
      } else if (RecordedOutbound.PORTS.containsValue(port)) {
        newAddress = dataplane.outboundAddress();
        newPort = outboundPort(port);
      }
    }
    return socket.toBuilder()
        .setField(addressField, newAddress)
        .setField(portField, newPort)
        .build();
  }

  private int outboundPort(int recorded) {
    for (Map.Entry<String, Integer> outbound : RecordedOutbound.PORTS.entrySet()) {
      if (outbound.getValue() == recorded) {
        return dataplane.outboundPort(outbound.getKey());
      }
    }
    return recorded;
  }

  /** Without a work directory the admin interface is on a port, as Kuma has it then. */
  private Message withoutWorkdir(Message address) {
    FieldDescriptor pipe = field(address, "pipe");
    if (dataplane.workdir() != null || !address.hasField(pipe)) {
      return address;
    }
    Address moved =
        Address.newBuilder()
            .setSocketAddress(
                SocketAddress.newBuilder()
                    .setAddress(RecordedDataplane.LOOPBACK)
                    .setPortValue(dataplane.adminPort()))
            .build();
    return parsedAs(address, moved);
  }

  private Message dataSource(Message source) {
    FieldDescriptor bytes = field(source, "inline_bytes");
    if (!source.hasField(bytes)) {
      return source;
    }
    String placeholder = ((ByteString) source.getField(bytes)).toStringUtf8();
    String pem = material.get(placeholder);
    if (pem == null) {
      throw new IllegalArgumentException("Nothing to put in place of " + placeholder);
    }
    return source.toBuilder().setField(bytes, ByteString.copyFromUtf8(pem)).build();
  }

  private Message destinationPort(Message match) {
    FieldDescriptor port = field(match, "destination_port");
    if (!match.hasField(port)) {
      return match;
    }
    Message wrapper = (Message) match.getField(port);
    FieldDescriptor value = field(wrapper, "value");
    if (!wrapper.getField(value).equals(RecordedDataplane.INBOUND_PORT)) {
      return match;
    }
    return match.toBuilder()
        .setField(port, wrapper.toBuilder().setField(value, dataplane.inboundPort()).build())
        .build();
  }

  /** Each recorded endpoint becomes one per data plane of its role. */
  private Message endpoints(Message locality) {
    FieldDescriptor field = field(locality, "lb_endpoints");
    List<Object> moved = new ArrayList<>();
    for (Object endpoint : (List<?>) locality.getField(field)) {
      moved.addAll(moved((Message) endpoint));
    }
    return locality.toBuilder().setField(field, moved).build();
  }

  private List<Message> moved(Message endpoint) {
    Message inner = (Message) endpoint.getField(field(endpoint, "endpoint"));
    Message address = (Message) inner.getField(field(inner, "address"));
    if (!address.hasField(field(address, "socket_address"))) {
      return List.of(endpoint);
    }
    Message socket = (Message) address.getField(field(address, "socket_address"));
    String recorded = (String) socket.getField(field(socket, "address"));
    for (RecordedDataplane peer : RecordedDataplane.ALL) {
      if (peer.address().equals(recorded)) {
        return topology.withRole(peer.role()).stream()
            .map(target -> at(endpoint, inner, address, socket, target))
            .toList();
      }
    }
    return List.of(endpoint);
  }

  private static Message at(
      Message endpoint, Message inner, Message address, Message socket, Dataplane target) {
    Message newSocket =
        socket.toBuilder()
            .setField(field(socket, "address"), target.address())
            .setField(field(socket, "port_value"), target.inboundPort())
            .build();
    Message newAddress =
        address.toBuilder().setField(field(address, "socket_address"), newSocket).build();
    return endpoint.toBuilder()
        .setField(
            field(endpoint, "endpoint"),
            inner.toBuilder().setField(field(inner, "address"), newAddress).build())
        .build();
  }

  private static Message parsedAs(Message template, Message message) {
    try {
      return template.newBuilderForType().mergeFrom(message.toByteString()).build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("A message that was just written cannot be read", e);
    }
  }

  private static FieldDescriptor field(Message message, String name) {
    FieldDescriptor field = message.getDescriptorForType().findFieldByName(name);
    if (field == null) {
      throw new IllegalArgumentException(
          message.getDescriptorForType().getFullName() + " has no field " + name);
    }
    return field;
  }
}
