package io.kumarun.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.kumarun.devmesh.controlplane.ResourceType;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Permission;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.service.EchoGrpc;
import io.kumarun.devmesh.service.EchoGrpcService;
import io.kumarun.devmesh.service.EchoTcpService;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A caller whose identity is good, and who may not call. */
class RefusedByPermissionTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  @ParameterizedTest
  @EnumSource(names = {"LEGACY_STRICT_PROTOCOLS", "IDENTITY_STRICT_PROTOCOLS"})
  void aDeniedCallerIsToldInItsOwnProtocol(Scenario scenario) throws Exception {
    try (EchoTcpService tcp = EchoTcpService.start("backend-tcp");
        EchoGrpcService grpc = EchoGrpcService.start("backend-grpc")) {
      Dataplane overTcp = Dataplane.ofRole("backend-tcp").withApplicationPort(tcp.port());
      Dataplane overGrpc = Dataplane.ofRole("backend-grpc").withApplicationPort(grpc.port());
      try (RefusalLog log = RefusalLog.start();
          RefusalMesh mesh = RefusalMesh.start(scenario, overTcp, overGrpc);
          Proxy.Kumarun tcpSidecar = Proxy.Kumarun.start(mesh.mesh, overTcp, RefusalMesh.SMALL);
          Proxy.Kumarun grpcSidecar = Proxy.Kumarun.start(mesh.mesh, overGrpc, RefusalMesh.SMALL)) {
        mesh.neighbourIsServed();
        String caller = mesh.mesh.spiffeId(mesh.frontend);
        assertThat(mesh.greeting("backend-tcp")).isEqualTo("backend-tcp");
        assertThat(grpcStatus(mesh)).isEqualTo(Status.Code.OK);

        permit(mesh, overTcp, Permission.nobody());
        // Envoy would look at permissions when the caller's first byte comes, and so let a denied
        // caller read what the server says first.
        Awaitility.await().atMost(LIMIT).until(() -> mesh.greeting("backend-tcp") == null);
        log.await("listener ", overTcp.address(), " refused: ", caller + " has no permission: ");
        assertThat(
                tcpSidecar
                    .sidecar()
                    .metrics()
                    .scrape()
                    .lines()
                    .filter(line -> line.startsWith("envoy_rbac_denied{} ")))
            .singleElement()
            .asString()
            .isNotEqualTo("envoy_rbac_denied{} 0");
        mesh.neighbourIsServed();

        permit(mesh, overGrpc, Permission.nobody());
        Awaitility.await()
            .atMost(LIMIT)
            .until(() -> grpcStatus(mesh) == Status.Code.PERMISSION_DENIED);
        log.await(caller + " has no permission: rbac_access_denied_matched_policy[");
        log.forget();
        mesh.neighbourIsServed();

        permit(mesh, mesh.backend, Permission.allowing("spiffe://demo/somebody-else"));
        HttpResponse<String> denied =
            Awaitility.await()
                .atMost(LIMIT)
                .until(() -> mesh.call("backend"), answer -> answer.statusCode() != 200);
        assertThat(denied.statusCode()).isEqualTo(403);
        assertThat(denied.body()).isEqualTo("RBAC: access denied");
        awaitAccessLog(mesh.backendSidecar, " 403 ");
        log.await(caller + " has no permission: rbac_access_denied_matched_policy[");

        permit(mesh, mesh.backend, Permission.allowing(mesh.mesh.spiffeId(mesh.frontend)));
        Awaitility.await().atMost(LIMIT).until(() -> mesh.call("backend").statusCode() == 200);
        assertThat(mesh.greeting("backend-tcp")).as("still denied").isNull();
        log.hasNoStackTrace();
      }
    }
  }

  private static void permit(RefusalMesh mesh, Dataplane dataplane, Permission permission) {
    int position = mesh.mesh.journal().position();
    mesh.mesh.permit(dataplane, permission);
    mesh.mesh
        .journal()
        .awaitAck(position, mesh.mesh.nodeId(dataplane), ResourceType.LISTENER, LIMIT);
  }

  private static Status.Code grpcStatus(RefusalMesh mesh) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(
                mesh.frontend.outboundAddress(), mesh.frontend.outboundPort("backend-grpc"))
            .usePlaintext()
            .build();
    try {
      StatusRuntimeException refusal =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () ->
                  ClientCalls.blockingUnaryCall(
                      channel,
                      EchoGrpc.UNARY,
                      CallOptions.DEFAULT.withDeadlineAfter(LIMIT.toSeconds(), TimeUnit.SECONDS),
                      "hello".getBytes(StandardCharsets.UTF_8)));
      if (refusal == null) {
        return Status.Code.OK;
      }
      if (refusal.getStatus().getCode() == Status.Code.PERMISSION_DENIED) {
        assertThat(refusal.getStatus().getDescription()).isEqualTo("RBAC: access denied");
      }
      return refusal.getStatus().getCode();
    } finally {
      channel.shutdownNow();
    }
  }

  private static void awaitAccessLog(Proxy.Kumarun sidecar, String part) {
    try {
      Awaitility.await()
          .atMost(LIMIT)
          .until(() -> sidecar.accessLog().stream().anyMatch(line -> line.contains(part)));
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      throw new AssertionError("no " + part + " in " + sidecar.accessLog(), e);
    }
  }
}
