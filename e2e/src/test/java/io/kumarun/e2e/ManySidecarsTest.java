package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.devmesh.DevMesh;
import io.kumarun.devmesh.controlplane.AdsEvent;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.scenario.Topology;
import io.kumarun.devmesh.service.EchoHttpService;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sidecars of one process share nothing that they could take from each other. */
@Timeout(60)
class ManySidecarsTest {
  private static final int CALLERS = 19;

  @Test
  void twentySidecarsInOneProcessEachSendARequestAndEndOnTheirOwn() throws Exception {
    try (EchoHttpService application = EchoHttpService.start("backend")) {
      Dataplane backend = Dataplane.ofRole("backend").withApplicationPort(application.port());
      List<Dataplane> frontends = new ArrayList<>();
      for (int number = 1; number <= CALLERS; number++) {
        frontends.add(Dataplane.ofRole("frontend").named("frontend-" + number));
      }
      List<Dataplane> all = new ArrayList<>(frontends);
      all.add(backend);
      try (DevMesh mesh =
              DevMesh.start(
                  Scenario.IDENTITY_STRICT_HTTP,
                  Topology.of("demo", all.toArray(Dataplane[]::new)));
          Proxy server = Proxy.Kumarun.start(mesh, backend, RefusalMesh.SMALL);
          ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
        assertThat(server).isNotNull();
        List<Future<Proxy.Kumarun>> started =
            frontends.stream()
                .map(
                    frontend ->
                        callers.submit(
                            () -> Proxy.Kumarun.start(mesh, frontend, RefusalMesh.SMALL)))
                .toList();
        try {
          for (Future<Proxy.Kumarun> each : started) {
            each.get();
          }
          List<Future<String>> calls =
              frontends.stream().map(frontend -> callers.submit(() -> call(frontend))).toList();
          for (Future<String> each : calls) {
            assertThat(each.get()).isEqualTo("answered");
          }
          started.getFirst().get().close();
          assertThat(call(frontends.getLast())).isEqualTo("answered");
          assertThat(mesh.journal().events(AdsEvent.Connected.class))
              .extracting(AdsEvent.Connected::nodeId)
              .containsExactlyInAnyOrderElementsOf(all.stream().map(mesh::nodeId).toList());
        } finally {
          for (Future<Proxy.Kumarun> each : started) {
            if (each.state() == Future.State.SUCCESS) {
              each.get().close();
            }
          }
        }
      }
    }
  }

  private static String call(Dataplane frontend) throws Exception {
    try (Caller caller =
        new Caller.NewConnection(
            () ->
                new InetSocketAddress(
                    frontend.outboundAddress(), frontend.outboundPort("backend")))) {
      caller.call(frontend.name());
      return "answered";
    }
  }
}
