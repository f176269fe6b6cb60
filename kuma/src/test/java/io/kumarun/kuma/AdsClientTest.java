package io.kumarun.kuma;

import static io.kumarun.kuma.Responses.edsCluster;
import static io.kumarun.kuma.Responses.endpoints;
import static io.kumarun.kuma.Responses.listener;
import static io.kumarun.kuma.translate.ResourceKind.CLUSTER;
import static io.kumarun.kuma.translate.ResourceKind.ENDPOINTS;
import static io.kumarun.kuma.translate.ResourceKind.LISTENER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.grpc.Status;
import io.kumarun.kuma.FakeControlPlane.Stream;
import io.kumarun.kuma.inspect.UnappliedField;
import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.telemetry.ProxyMetrics;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.asn1.x509.GeneralName;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdsClientTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ExecutorService executor = Executors.newSingleThreadExecutor();
  private final List<MeshConfig> configs = new CopyOnWriteArrayList<>();
  private final ProxyMetrics metrics = new ProxyMetrics();
  private final AtomicInteger bootstraps = new AtomicInteger();
  private final AtomicInteger bugs = new AtomicInteger();
  private final AtomicInteger tokensRead = new AtomicInteger();
  private volatile String token = "token-1";
  private @Nullable AdsClient client;

  @AfterEach
  void stop() {
    if (client != null) {
      client.close();
    }
    executor.shutdown();
    group.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS);
  }

  @Test
  void aConfigurationIsPublishedWhenItIsComplete() throws Exception {
    try (FakeControlPlane controlPlane = new FakeControlPlane(null)) {
      AdsClient ads = start(controlPlane, LONG);
      Stream stream = controlPlane.nextStream();
      assertThat(stream.token).isEqualTo("token-1");
      assertThat(stream.next().getNode().getId()).isEqualTo("mesh.frontend-1");
      sendAll(stream);

      await().untilAsserted(() -> assertThat(ads.state().ready()).isTrue());
      assertThat(ads.state().connected()).isTrue();
      assertThat(ads.state().waiting()).isEmpty();
      assertThat(configs.getLast().listeners()).containsOnlyKeys("out");
      assertThat(configs.getLast().clusters()).containsOnlyKeys("a");
    }
  }

  @Test
  void whatIsSentInVainIsListed() throws Exception {
    try (FakeControlPlane controlPlane = new FakeControlPlane(null)) {
      AdsClient ads = start(controlPlane, LONG);
      Stream stream = controlPlane.nextStream();
      stream.send(
          Responses.of(CLUSTER, "1")
              .with(
                  "a",
                  "v1",
                  edsCluster("a").toBuilder()
                      .setPreconnectPolicy(Cluster.PreconnectPolicy.getDefaultInstance())
                      .build())
              .build());

      await()
          .untilAsserted(
              () ->
                  assertThat(ads.inventory().get().unapplied())
                      .containsExactly(
                          new UnappliedField(
                              "cluster",
                              "a",
                              "preconnect_policy",
                              "envoy.config.cluster.v3.Cluster.preconnect_policy")));
    }
  }

  @Test
  void aLostStreamIsOpenedAgainWithAFreshTokenAndTheVersionsInUse() throws Exception {
    try (FakeControlPlane controlPlane = new FakeControlPlane(null)) {
      AdsClient ads = start(controlPlane, LONG);
      Stream first = controlPlane.nextStream();
      sendAll(first);
      await().untilAsserted(() -> assertThat(ads.state().ready()).isTrue());
      MeshConfig before = configs.getLast();
      token = "token-2";
      controlPlane.refusals.add(
          Status.UNKNOWN.withDescription(
              "there is already an active stream from this node, try again later"));

      first.fail(Status.UNAVAILABLE);

      Stream second = controlPlane.nextStream();
      assertThat(second.token).isEqualTo("token-2");
      assertThat(second.next().getInitialResourceVersionsMap())
          .containsExactly(Map.entry("a", "v1"));
      assertThat(ads.state().ready()).isTrue();
      assertThat(configs.getLast()).isSameAs(before);
      assertThat(ads.state().streams()).isEqualTo(3);
      assertThat(ads.state().lastError()).contains("already an active stream");
      assertThat(bootstraps).hasValue(0);
    }
  }

  @Test
  void aControlPlaneThatRestartsIsFoundAgainAndToldWhatIsInUse() throws Exception {
    FakeControlPlane controlPlane = new FakeControlPlane(null);
    int port = controlPlane.port();
    AdsClient ads;
    try (controlPlane) {
      ads = start(controlPlane, LONG);
      sendAll(controlPlane.nextStream());
      await().untilAsserted(() -> assertThat(ads.state().ready()).isTrue());
      assertThat(ads.state().connectedSince()).isNotNull();
    }
    await().untilAsserted(() -> assertThat(ads.state().connected()).isFalse());
    assertThat(ads.state().connectedSince()).isNull();
    assertThat(ads.state().lastError()).isNotEmpty();

    try (FakeControlPlane restarted = new FakeControlPlane(port, null)) {
      Stream stream = restarted.nextStream();
      assertThat(stream.next().getInitialResourceVersionsMap())
          .containsExactly(Map.entry("a", "v1"));
      stream.send(Responses.of(CLUSTER, "1").build());
      await().untilAsserted(() -> assertThat(ads.state().connected()).isTrue());
      assertThat(configs.getLast().listeners()).containsOnlyKeys("out");
    }
  }

  @Test
  void aControlPlaneThatHasNothingNewToSayIsConnectedAllTheSame() throws Exception {
    try (FakeControlPlane controlPlane = new FakeControlPlane(null)) {
      AdsClient ads = start(controlPlane, Duration.ofMillis(20));
      Stream first = controlPlane.nextStream();
      sendAll(first);
      await().untilAsserted(() -> assertThat(ads.state().ready()).isTrue());

      first.fail(Status.UNAVAILABLE);

      controlPlane.nextStream();
      await()
          .untilAsserted(
              () -> {
                assertThat(ads.state().streams()).isEqualTo(2);
                assertThat(ads.state().connected()).isTrue();
              });
      assertThat(ads.state().ready()).isTrue();
      assertThat(ads.state().waiting()).isEmpty();
    }
  }

  @Test
  void aControlPlaneThatNeverSendsAnythingIsNamedAsTheReason() throws Exception {
    try (FakeControlPlane controlPlane = new FakeControlPlane(null)) {
      AdsClient ads = start(controlPlane, Duration.ofMillis(20));
      Stream stream = controlPlane.nextStream();

      await()
          .untilAsserted(
              () ->
                  assertThat(ads.state().waiting())
                      .singleElement()
                      .asString()
                      .contains("has sent no configuration", "mesh.frontend-1"));
      assertThat(ads.state().ready()).isFalse();

      sendAll(stream);
      await().untilAsserted(() -> assertThat(ads.state().ready()).isTrue());
      assertThat(ads.state().waiting()).isEmpty();
    }
  }

  @Test
  void aResponseOfTwentyMebibytesIsTaken() throws Exception {
    try (FakeControlPlane controlPlane = new FakeControlPlane(null)) {
      AdsClient ads = start(controlPlane, LONG);
      Stream stream = controlPlane.nextStream();
      Struct ballast =
          Struct.newBuilder()
              .putFields("b", Value.newBuilder().setStringValue("x".repeat(20 << 20)).build())
              .build();
      Cluster large =
          edsCluster("large").toBuilder()
              .setMetadata(Metadata.newBuilder().putFilterMetadata("ballast", ballast))
              .build();

      stream.send(Responses.of(CLUSTER, "1").with("large", "v1", large).build());
      stream.send(Responses.of(ENDPOINTS, "2").with("large", "v1", endpoints("large", 80)).build());

      await().untilAsserted(() -> assertThat(configs).isNotEmpty());
      assertThat(configs.getLast().clusters()).containsOnlyKeys("large");
      assertThat(ads.state().streams()).isEqualTo(1);
    }
  }

  @Test
  void aTokenThatIsRefusedAgainAndAgainBringsABootstrapAndWithoutOneTheOldWayIsTriedOn()
      throws Exception {
    try (FakeControlPlane controlPlane = new FakeControlPlane(null)) {
      for (int refusal = 0; refusal < 3; refusal++) {
        controlPlane.refusals.add(
            Status.UNKNOWN.withDescription("authentication failed: token is expired"));
      }
      AdsClient ads = start(controlPlane, LONG);

      assertThat(controlPlane.nextStream().token).isEqualTo("token-1");

      assertThat(controlPlane.refusedTokens).hasSize(3);
      assertThat(tokensRead).hasValue(4);
      assertThat(bootstraps).hasValue(1);
      assertThat(ads.state().lastError()).contains("token is expired");
    }
  }

  @Test
  void aRejectedResourceIsReportedAndTheOthersAreServed() throws Exception {
    try (FakeControlPlane controlPlane = new FakeControlPlane(null)) {
      AdsClient ads = start(controlPlane, LONG);
      Stream stream = controlPlane.nextStream();
      stream.send(
          Responses.of(CLUSTER, "1")
              .with("a", "v1", edsCluster("a"))
              .with("b", "v1", edsCluster("other"))
              .build());
      stream.send(Responses.of(ENDPOINTS, "2").with("a", "v1", endpoints("a", 80)).build());

      await().untilAsserted(() -> assertThat(configs).isNotEmpty());
      assertThat(configs.getLast().clusters()).containsOnlyKeys("a");
      assertThat(ads.state().rejected())
          .containsExactly(
              "cluster b: name: \"other\" is not served, expected the name it was sent under");
      assertThat(ads.state().nacks()).isEqualTo(1);
      assertThat(metrics.scrape())
          .contains(
              "envoy_cluster_manager_cds_update_rejected{} 1\n",
              "kumarun_control_plane_streams_total{} 1\n",
              "kumarun_xds_rejected_total{type=\"cluster\"} 1\n");
      assertThat(ads.state().ready()).isFalse();
      DeltaDiscoveryRequest refusal = stream.next();
      while (!refusal.hasErrorDetail()) {
        refusal = stream.next();
      }
      assertThat(refusal.getErrorDetail().getMessage()).startsWith("cluster b: ");
    }
  }

  @Test
  void aResponseThatMeetsABugCostsTheStreamAndAnotherOneGoesOn() throws Exception {
    try (FakeControlPlane controlPlane = new FakeControlPlane(null)) {
      bugs.set(1);
      AdsClient ads = start(controlPlane, LONG);
      Stream first = controlPlane.nextStream();
      first.send(Responses.of(CLUSTER, "1").with("a", "v1", edsCluster("a")).build());
      first.send(Responses.of(ENDPOINTS, "2").with("a", "v1", endpoints("a", 80)).build());

      Stream second = controlPlane.nextStream();
      assertThat(first.ends).isNotEmpty();
      assertThat(ads.state().lastError()).contains("made for a test");
      second.send(Responses.of(LISTENER, "1").with("out", "v1", listener("out", 1, "a")).build());

      await().untilAsserted(() -> assertThat(ads.state().ready()).isTrue());
      assertThat(configs.getLast().listeners()).containsOnlyKeys("out");
      assertThat(configs.getLast().clusters()).containsOnlyKeys("a");
    }
  }

  @Test
  void whatWasWaitedForOnAStreamIsForgottenWithIt() throws Exception {
    FakeControlPlane controlPlane = new FakeControlPlane(null);
    AdsClient ads;
    try (controlPlane) {
      ads = start(controlPlane, Duration.ofMillis(20));
      await().untilAsserted(() -> assertThat(ads.state().waiting()).isNotEmpty());
    }
    await().untilAsserted(() -> assertThat(ads.state().lastError()).isNotEmpty());
    assertThat(ads.state().waiting()).isEmpty();
  }

  @Test
  void aClusterWithoutAnyAnswerHoldsItsListenerOnlyForAWhile() throws Exception {
    try (FakeControlPlane controlPlane = new FakeControlPlane(null)) {
      AdsClient ads = start(controlPlane, Duration.ofMillis(20));
      Stream stream = controlPlane.nextStream();
      stream.send(Responses.of(CLUSTER, "1").with("a", "v1", edsCluster("a")).build());
      stream.send(Responses.of(LISTENER, "2").with("out", "v1", listener("out", 1, "a")).build());

      await().untilAsserted(() -> assertThat(ads.state().ready()).isTrue());
      assertThat(configs.getLast().listeners()).containsOnlyKeys("out");
    }
  }

  @Test
  void closingEndsTheStreamAndNoOtherIsOpened() throws Exception {
    try (FakeControlPlane controlPlane = new FakeControlPlane(null)) {
      AdsClient ads = start(controlPlane, LONG);
      Stream stream = controlPlane.nextStream();

      ads.close();

      await().untilAsserted(() -> assertThat(stream.ends).isNotEmpty());
      assertThat(ads.state().connected()).isFalse();
    }
  }

  @Test
  void theCertificateThatAControlPlaneMakesForItselfIsAccepted() throws Exception {
    TestCertificate certificate =
        TestCertificate.selfMade(
            "",
            new GeneralName(GeneralName.dNSName, "localhost"),
            new GeneralName(GeneralName.iPAddress, "127.0.0.1"));
    try (FakeControlPlane controlPlane = new FakeControlPlane(certificate)) {
      start(controlPlane, LONG, certificate.pem(), List.of("127.0.0.1"));

      assertThat(controlPlane.nextStream().next().getTypeUrl()).isEqualTo(CLUSTER.typeUrl());
    }
  }

  @Test
  void aControlPlaneWithAnotherNameOrAuthorityGetsNoStream() throws Exception {
    TestCertificate certificate =
        TestCertificate.selfMade("", new GeneralName(GeneralName.dNSName, "localhost"));
    TestCertificate other =
        TestCertificate.selfMade("CN=other", new GeneralName(GeneralName.dNSName, "localhost"));
    try (FakeControlPlane controlPlane = new FakeControlPlane(certificate)) {
      for (var each :
          Map.of(certificate.pem(), List.of("cp.example"), other.pem(), List.of("localhost"))
              .entrySet()) {
        bootstraps.set(0);
        AdsClient ads = start(controlPlane, LONG, each.getKey(), each.getValue());
        await().untilAsserted(() -> assertThat(bootstraps).hasPositiveValue());
        assertThat(controlPlane.streams).isEmpty();
        ads.close();
      }
    }
  }

  private static void sendAll(Stream stream) {
    stream.send(Responses.of(CLUSTER, "1").with("a", "v1", edsCluster("a")).build());
    stream.send(Responses.of(LISTENER, "2").with("out", "v1", listener("out", 1, "a")).build());
    stream.send(Responses.of(ENDPOINTS, "3").with("a", "v1", endpoints("a", 80)).build());
  }

  private AdsClient start(FakeControlPlane controlPlane, Duration patience) {
    return start(controlPlane, patience, "", List.of());
  }

  private AdsClient start(
      FakeControlPlane controlPlane, Duration patience, String authorities, List<String> names) {
    Bootstrap bootstrap =
        new Bootstrap(
            Node.newBuilder().setId("mesh.frontend-1").build(),
            "127.0.0.1",
            controlPlane.port(),
            !authorities.isEmpty(),
            authorities,
            names,
            "",
            null,
            false);
    AdsClient started =
        new AdsClient(
            new ControlPlaneLink(
                bootstrap, AdsChannel.open(bootstrap, group, NioSocketChannel.class, executor)),
            () -> {
              bootstraps.incrementAndGet();
              return CompletableFuture.failedFuture(new IllegalStateException("not now"));
            },
            () -> {
              tokensRead.incrementAndGet();
              return token;
            },
            group,
            executor,
            new AdsClient.Patience(patience, Duration.ofMillis(30)),
            config -> {
              if (bugs.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new IllegalStateException("made for a test");
              }
              configs.add(config);
            },
            metrics.controlPlaneMetrics());
    client = started;
    started.start();
    return started;
  }
}
