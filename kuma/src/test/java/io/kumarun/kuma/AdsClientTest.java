package io.kumarun.kuma;

import static io.kumarun.kuma.Responses.edsCluster;
import static io.kumarun.kuma.Responses.endpoints;
import static io.kumarun.kuma.Responses.listener;
import static io.kumarun.kuma.translate.ResourceKind.CLUSTER;
import static io.kumarun.kuma.translate.ResourceKind.ENDPOINTS;
import static io.kumarun.kuma.translate.ResourceKind.LISTENER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.grpc.Status;
import io.kumarun.kuma.FakeControlPlane.Stream;
import io.kumarun.proxy.config.MeshConfig;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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
      assertThat(ads.state().ready()).isFalse();
      DeltaDiscoveryRequest refusal = stream.next();
      while (!refusal.hasErrorDetail()) {
        refusal = stream.next();
      }
      assertThat(refusal.getErrorDetail().getMessage()).startsWith("cluster b: ");
    }
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
        AdsClient ads = start(controlPlane, LONG, each.getKey(), each.getValue());
        assertThat(controlPlane.streams.poll(700, java.util.concurrent.TimeUnit.MILLISECONDS))
            .isNull();
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
            bootstrap,
            AdsChannel.open(bootstrap, group, NioSocketChannel.class, executor),
            () -> token,
            group,
            executor,
            patience,
            configs::add);
    client = started;
    started.start();
    return started;
  }
}
