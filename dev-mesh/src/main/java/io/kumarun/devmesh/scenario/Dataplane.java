package io.kumarun.devmesh.scenario;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where one data plane of a topology lives. Made with {@link #ofRole}, whose defaults give each its
 * own loopback address, so that several meshes can run side by side. Immutable.
 *
 * @param role whose recorded resources it gets
 * @param name its name as a Dataplane
 * @param service its {@code kuma.io/service}
 * @param workload its label {@code kuma.io/workload}
 * @param address {@code networking.address}, which inbound and admin listeners bind
 * @param inboundPort port of the inbound listener
 * @param applicationPort port of the application on 127.0.0.1
 * @param outboundAddress address that outbound listeners bind
 * @param outboundPorts port of the outbound listener per service
 * @param adminPort port of the admin listener, and of Envoy's own admin interface on 127.0.0.1 if
 *     there is no work directory
 * @param readinessPort port on 127.0.0.1 where the data plane says that it is ready
 * @param workdir directory of its sockets; null for none
 * @param serviceProbe whether its application's port is checked ({@code serviceProbe.tcp})
 */
public record Dataplane(
    String role,
    String name,
    String service,
    String workload,
    String address,
    int inboundPort,
    int applicationPort,
    String outboundAddress,
    Map<String, Integer> outboundPorts,
    int adminPort,
    int readinessPort,
    @Nullable Path workdir,
    boolean serviceProbe) {

  public Dataplane {
    outboundPorts = Map.copyOf(outboundPorts);
  }

  /** A data plane with the resources of {@code role} on an address of its own. */
  public static Dataplane ofRole(String role) {
    RecordedDataplane recorded = RecordedDataplane.of(role);
    String address = Loopback.freshAddress();
    Map<String, Integer> outbounds = new TreeMap<>(RecordedOutbound.PORTS);
    return new Dataplane(
        role,
        recorded.name(),
        recorded.service(),
        recorded.service(),
        address,
        RecordedDataplane.INBOUND_PORT,
        recorded.applicationPort(),
        address,
        outbounds,
        Loopback.freePort(),
        Loopback.freePort(),
        null,
        false);
  }

  public Dataplane named(String newName) {
    return with(draft -> draft.name = newName);
  }

  /** Gives it another service and workload of that name, and so another identity. */
  public Dataplane serving(String newService) {
    return with(
        draft -> {
          draft.service = newService;
          draft.workload = newService;
        });
  }

  public Dataplane at(String newAddress, int newInboundPort) {
    return with(
        draft -> {
          draft.address = newAddress;
          draft.inboundPort = newInboundPort;
        });
  }

  /** Says where its application listens on 127.0.0.1. */
  public Dataplane withApplicationPort(int port) {
    return with(draft -> draft.applicationPort = port);
  }

  /** Says where its outbound listeners are. */
  public Dataplane withOutbounds(String newAddress, Map<String, Integer> ports) {
    Map<String, Integer> all = new TreeMap<>(outboundPorts);
    all.putAll(ports);
    return with(
        draft -> {
          draft.outboundAddress = newAddress;
          draft.outboundPorts = all;
        });
  }

  public Dataplane withAdminPort(int port) {
    return with(draft -> draft.adminPort = port);
  }

  public Dataplane withReadinessPort(int port) {
    return with(draft -> draft.readinessPort = port);
  }

  public Dataplane withWorkdir(Path directory) {
    return with(draft -> draft.workdir = directory);
  }

  /** Has its application's port checked, where the control plane does that. */
  public Dataplane withServiceProbe() {
    return with(draft -> draft.serviceProbe = true);
  }

  /**
   * Port of the outbound listener for a service.
   *
   * @throws IllegalArgumentException if there is none
   */
  public int outboundPort(String destination) {
    Integer port = outboundPorts.get(destination);
    if (port == null) {
      throw new IllegalArgumentException(name + " has no outbound for " + destination);
    }
    return port;
  }

  private Dataplane with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.finished();
  }

  /** A copy on its way to another data plane. */
  private static final class Draft {
    final String role;
    String name;
    String service;
    String workload;
    String address;
    int inboundPort;
    int applicationPort;
    String outboundAddress;
    Map<String, Integer> outboundPorts;
    int adminPort;
    int readinessPort;
    @Nullable Path workdir;
    boolean serviceProbe;

    Draft(Dataplane original) {
      role = original.role;
      name = original.name;
      service = original.service;
      workload = original.workload;
      address = original.address;
      inboundPort = original.inboundPort;
      applicationPort = original.applicationPort;
      outboundAddress = original.outboundAddress;
      outboundPorts = original.outboundPorts;
      adminPort = original.adminPort;
      readinessPort = original.readinessPort;
      workdir = original.workdir;
      serviceProbe = original.serviceProbe;
    }

    Dataplane finished() {
      return new Dataplane(
          role,
          name,
          service,
          workload,
          address,
          inboundPort,
          applicationPort,
          outboundAddress,
          outboundPorts,
          adminPort,
          readinessPort,
          workdir,
          serviceProbe);
    }
  }
}
