package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.controlplane.ResourceType;
import io.kumarun.devmesh.controlplane.Snapshot;
import io.kumarun.devmesh.network.TcpRelay;
import io.kumarun.devmesh.scenario.BigMesh;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Topology;
import io.kumarun.devmesh.service.EchoHttpService;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A mesh of thousands of services, on the heap that README gives a sidecar of that mesh, is taken
 * and changed without a failed request. What it took is in the log.
 */
@Timeout(180)
class BigMeshTest {
  private static final Logger LOG = LoggerFactory.getLogger(BigMeshTest.class);
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** With the usual limit of gRPC, 4 MiB, its endpoints could not be received. */
  private static final BigMesh BIG = new BigMesh(2_000, 6, 200);

  private static final long USUAL_LIMIT = 4L << 20;

  @Test
  void aMeshOfTwoThousandClustersIsTakenAndChangedUnderLoad() {
    try (EchoHttpService application = EchoHttpService.start("backend")) {
      Dataplane frontend = Dataplane.ofRole("frontend");
      Dataplane backend = Dataplane.ofRole("backend").withApplicationPort(application.port());
      Scenario scenario = Scenario.IDENTITY_STRICT_HTTP;
      try (DevMesh mesh = DevMesh.start(scenario, Topology.of("demo", frontend, backend));
          Proxy server = Proxy.Kind.KUMARUN.start(mesh, backend);
          TcpRelay relay = TcpRelay.to(mesh.controlPlane().adsPort())) {
        assertThat(server).isNotNull();
        mesh.controlPlane().announceAdsPort(relay.port());
        try (SidecarProcess sidecar = SidecarProcess.launch(mesh, frontend, Map.of())) {
          sidecar.awaitReady(LIMIT);
          new Measured(mesh, frontend, relay, sidecar).run();
        }
      }
    }
  }

  /** A sidecar whose mesh becomes big and changes, with what that takes. */
  private record Measured(
      DevMesh mesh, Dataplane frontend, TcpRelay relay, SidecarProcess sidecar) {

    void run() {
      String cluster = mesh.cluster(frontend, "backend");
      Snapshot base = mesh.snapshot(frontend);
      log("a small mesh");
      long bytes = relay.bytesToClients();
      change("2000 clusters", BIG.addTo(base, cluster, 1), ResourceType.LISTENER);
      assertThat(relay.bytesToClients() - bytes).isGreaterThan(USUAL_LIMIT);
      try (Load load = new Load()) {
        load.with("one", Duration.ZERO, new Caller.KeptAlive(() -> outbound(0)))
            .with("all", Duration.ZERO, new Caller.NewConnection(everywhere()));
        load.awaitTraffic(2 * BIG.listeners());
        load.phase("before");
        load.awaitTraffic(BIG.listeners());
        load.phase("update");
        change("an update", BIG.addTo(base, cluster, 2), ResourceType.CLUSTER);
        load.awaitTraffic(BIG.listeners());
        load.assertNothingFailed();
        LOG.info(
            "p99 of requests: {} us before the update, {} us during it",
            load.percentile("before", 0.99) / 1000,
            load.percentile("update", 0.99) / 1000);
      }
    }

    private void change(String what, Snapshot next, ResourceType type) {
      String node = mesh.nodeId(frontend);
      int position = mesh.journal().position();
      long cpu = sidecar.processorMillis();
      long bytes = relay.bytesToClients();
      long began = System.nanoTime();
      mesh.edit(frontend, snapshot -> next);
      mesh.journal().awaitAck(position, node, type, LIMIT);
      mesh.journal().awaitAck(position, node, ResourceType.ENDPOINT, LIMIT);
      LOG.info(
          "{}: in use after {} ms and {} ms of CPU, {} KiB on the wire",
          what,
          (System.nanoTime() - began) / 1_000_000,
          sidecar.processorMillis() - cpu,
          (relay.bytesToClients() - bytes) / 1024);
      log(what);
    }

    private void log(String what) {
      LOG.info(
          "{}: {} KiB of live heap, {} KiB resident",
          what,
          sidecar.liveHeapKilobytes(),
          sidecar.residentKilobytes());
    }

    private InetSocketAddress outbound(int number) {
      return new InetSocketAddress(frontend.outboundAddress(), BIG.port(number));
    }

    /** One outbound after the other. */
    private Supplier<InetSocketAddress> everywhere() {
      AtomicInteger next = new AtomicInteger();
      return () -> outbound(next.getAndIncrement() % BIG.listeners());
    }
  }
}
