package io.kumarun.kuma;

import static io.kumarun.kuma.Responses.AUTHORITY;
import static io.kumarun.kuma.Responses.CERTIFICATE;
import static io.kumarun.kuma.Responses.edsCluster;
import static io.kumarun.kuma.Responses.endpoints;
import static io.kumarun.kuma.Responses.listener;
import static io.kumarun.kuma.Responses.tlsCluster;
import static io.kumarun.kuma.Responses.tlsListener;
import static io.kumarun.kuma.translate.ResourceKind.CLUSTER;
import static io.kumarun.kuma.translate.ResourceKind.ENDPOINTS;
import static io.kumarun.kuma.translate.ResourceKind.LISTENER;
import static io.kumarun.kuma.translate.ResourceKind.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.kumarun.kuma.DeltaSession.Reply;
import io.kumarun.kuma.translate.ResourceKind;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class DeltaSessionTest {
  private static final Node NODE = Node.newBuilder().setId("mesh.frontend-1").build();

  private final ResourceStore store = new ResourceStore();
  private DeltaSession session = new DeltaSession(NODE, store);

  @Test
  void aFirstStreamAsksForClustersAloneAndAlwaysSaysWhoItIs() {
    List<DeltaDiscoveryRequest> requests = session.opened();

    assertThat(requests).hasSize(1);
    assertThat(requests.getFirst().getTypeUrl()).isEqualTo(CLUSTER.typeUrl());
    assertThat(requests.getFirst().getNode()).isEqualTo(NODE);
    assertThat(requests.getFirst().getResourceNamesSubscribeList()).isEmpty();
    assertThat(requests.getFirst().getInitialResourceVersionsMap()).isEmpty();
  }

  @Test
  void clustersBringSubscriptionsToTheirEndpointsAndSecretsAndToListeners() {
    session.opened();

    Reply reply = session.received(clusters("1", "backend"));

    assertThat(reply.refusal()).isNull();
    assertThat(kinds(reply)).containsExactly(CLUSTER, ENDPOINTS, SECRET, LISTENER);
    assertThat(reply.requests()).allSatisfy(each -> assertThat(each.getNode()).isEqualTo(NODE));
    assertAcknowledged(reply.requests().get(0), "1");
    assertThat(reply.requests().get(1).getResourceNamesSubscribeList()).containsExactly("backend");
    assertThat(reply.requests().get(1).getResponseNonce()).isEmpty();
    assertThat(reply.requests().get(2).getResourceNamesSubscribeList())
        .containsExactly(CERTIFICATE, AUTHORITY);
    assertThat(reply.requests().get(3).getResourceNamesSubscribeList()).isEmpty();
  }

  @Test
  void withoutNamesThereIsNoSubscriptionForThatWouldBeAWildcard() {
    session.opened();

    Reply reply = session.received(Responses.of(CLUSTER, "1").build());

    assertThat(kinds(reply)).containsExactly(CLUSTER, LISTENER);
  }

  @Test
  void listenersBringSubscriptionsToTheirSecrets() {
    session.opened();
    session.received(Responses.of(CLUSTER, "1").build());

    Reply reply =
        session.received(
            Responses.of(LISTENER, "2")
                .with("in", "v1", tlsListener("in", 1, "local", CERTIFICATE))
                .build());

    assertThat(kinds(reply)).containsExactly(LISTENER, SECRET);
    assertThat(reply.requests().getLast().getResourceNamesSubscribeList())
        .containsExactly(CERTIFICATE, AUTHORITY);
  }

  @Test
  void onlyDifferencesOfNamesAreSent() {
    session.opened();
    session.received(clusters("1", "a", "b"));

    Reply reply =
        session.received(
            Responses.of(CLUSTER, "2").with("c", "v1", edsCluster("c")).without("a").build());

    assertThat(kinds(reply)).containsExactly(CLUSTER, ENDPOINTS);
    assertThat(reply.requests().getLast().getResourceNamesSubscribeList()).containsExactly("c");
    assertThat(reply.requests().getLast().getResourceNamesUnsubscribeList()).containsExactly("a");

    assertThat(kinds(session.received(clusters("3", "b")))).containsExactly(CLUSTER);
  }

  @Test
  void anEmptyAnswerIsAcknowledged() {
    session.opened();
    session.received(clusters("1", "backend"));

    Reply reply = session.received(Responses.of(ENDPOINTS, "2").build());

    assertThat(kinds(reply)).containsExactly(ENDPOINTS);
    assertAcknowledged(reply.requests().getFirst(), "2");
  }

  @Test
  void badResourcesAreNamedAndGoodOnesOfTheSameResponseAreTaken() {
    session.opened();
    Any broken =
        Any.newBuilder()
            .setTypeUrl(CLUSTER.typeUrl())
            .setValue(ByteString.copyFrom(new byte[] {1, 2, 3}))
            .build();

    Reply reply =
        session.received(
            Responses.of(CLUSTER, "7")
                .with("bad-1", "v1", broken)
                .with("good", "v1", edsCluster("good"))
                .with("bad-2", "v1", edsCluster("other"))
                .build());

    DeltaDiscoveryRequest answer = reply.requests().getFirst();
    assertThat(answer.getResponseNonce()).isEqualTo("7");
    assertThat(answer.getErrorDetail().getCode()).isEqualTo(Code.INVALID_ARGUMENT_VALUE);
    assertThat(answer.getErrorDetail().getMessage())
        .contains("cluster bad-1: is not a readable Cluster")
        .contains("cluster bad-2: name: \"other\" is not served")
        .doesNotContain("good");
    assertThat(Objects.requireNonNull(reply.refusal()).reasons())
        .containsOnlyKeys("bad-1", "bad-2");
    assertThat(store.clusters()).containsOnlyKeys("good");
    assertThat(kinds(reply)).containsExactly(CLUSTER, ENDPOINTS, LISTENER);
  }

  @Test
  void aBadVersionLeavesTheLastGoodOneAndAGoodOneEndsTheRejection() {
    session.opened();
    session.received(clusters("1", "a"));

    session.received(Responses.of(CLUSTER, "2").with("a", "v2", edsCluster("not a")).build());
    assertThat(store.versions(CLUSTER)).containsExactly(Map.entry("a", "v1"));
    assertThat(store.rejections(CLUSTER)).containsOnlyKeys("a");

    session.received(Responses.of(CLUSTER, "3").with("a", "v3", edsCluster("a")).build());
    assertThat(store.versions(CLUSTER)).containsExactly(Map.entry("a", "v3"));
    assertThat(store.rejections(CLUSTER)).isEmpty();
  }

  @Test
  void anotherStreamAsksForAllAtOnceAndListsOnlyWhatIsInUse() {
    session.opened();
    session.received(
        Responses.of(CLUSTER, "1")
            .with("a", "v1", edsCluster("a"))
            .with("b", "v1", edsCluster("not b"))
            .build());
    session.received(Responses.of(ENDPOINTS, "2").with("a", "e1", endpoints("a", 1)).build());
    session.received(
        Responses.of(LISTENER, "3").with("out", "l1", listener("out", 1, "a")).build());

    session = new DeltaSession(NODE, store);
    List<DeltaDiscoveryRequest> requests = session.opened();

    assertThat(requests)
        .extracting(request -> ResourceKind.ofTypeUrl(request.getTypeUrl()))
        .containsExactly(CLUSTER, ENDPOINTS, LISTENER);
    assertThat(requests.get(0).getInitialResourceVersionsMap())
        .containsExactly(Map.entry("a", "v1"));
    assertThat(requests.get(1).getResourceNamesSubscribeList()).containsExactly("a");
    assertThat(requests.get(1).getInitialResourceVersionsMap())
        .containsExactly(Map.entry("a", "e1"));
    assertThat(requests.get(2).getInitialResourceVersionsMap())
        .containsExactly(Map.entry("out", "l1"));
    assertThat(kinds(session.received(Responses.of(CLUSTER, "1").build())))
        .containsExactly(CLUSTER);
  }

  @Test
  void aResourceWhoseNewestVersionIsBadIsListedWithTheOneInUseSoThatItComesAgain() {
    session.opened();
    session.received(clusters("1", "a"));
    session.received(
        Responses.of(CLUSTER, "2")
            .with("a", "v2", edsCluster("not a"))
            .with("new", "v2", edsCluster("not new"))
            .build());

    session = new DeltaSession(NODE, store);

    assertThat(session.opened().getFirst().getInitialResourceVersionsMap())
        .containsExactly(Map.entry("a", "v1"));
  }

  @Test
  void aBadResourceThatIsTakenBackIsNoLongerHeldAgainstTheControlPlane() {
    session.opened();
    session.received(Responses.of(CLUSTER, "1").with("a", "v1", edsCluster("not a")).build());

    Reply reply = session.received(Responses.of(CLUSTER, "2").without("a").build());

    assertAcknowledged(reply.requests().getFirst(), "2");
    assertThat(store.rejections(CLUSTER)).isEmpty();
  }

  @Test
  void aSecretThatIsTakenBackIsUsedOnAndAskedForAgainAfterAReconnect() {
    session.opened();
    session.received(clusters("1", "a"));
    session.received(Responses.secrets("2", CERTIFICATE));

    session.received(Responses.of(SECRET, "3").without(CERTIFICATE).build());

    assertThat(store.secrets()).containsKeys(CERTIFICATE, AUTHORITY);
    assertThat(store.versions(SECRET)).containsOnlyKeys(AUTHORITY);
  }

  @Test
  void anAnswerThatCrossesTheEndOfItsSubscriptionIsNotKept() {
    session.opened();
    session.received(clusters("1", "old"));
    session.received(
        Responses.of(CLUSTER, "2").with("new", "1", edsCluster("new")).without("old").build());

    session.received(Responses.of(ENDPOINTS, "3").without("old").build());
    assertThat(store.endpoints("old")).isNull();

    session.received(Responses.of(ENDPOINTS, "4").with("old", "1", endpoints("old", 80)).build());
    assertThat(store.endpoints("old")).isNull();
  }

  @Test
  void aTypeThatWasNotAskedForIsRefused() {
    session.opened();

    Reply reply =
        session.received(
            DeltaDiscoveryResponse.newBuilder().setTypeUrl("t/other").setNonce("1").build());

    assertThat(reply.requests()).hasSize(1);
    assertThat(reply.requests().getFirst().getErrorDetail().getMessage()).contains("t/other");
  }

  private static DeltaDiscoveryResponse clusters(String nonce, String... names) {
    Responses responses = Responses.of(CLUSTER, nonce);
    for (String name : names) {
      responses.with(name, "v1", tlsCluster(name, CERTIFICATE));
    }
    return responses.build();
  }

  private static List<ResourceKind> kinds(Reply reply) {
    return reply.requests().stream()
        .map(request -> Objects.requireNonNull(ResourceKind.ofTypeUrl(request.getTypeUrl())))
        .toList();
  }

  private static void assertAcknowledged(DeltaDiscoveryRequest request, String nonce) {
    assertThat(request.getResponseNonce()).isEqualTo(nonce);
    assertThat(request.hasErrorDetail()).isFalse();
    assertThat(request.getResourceNamesSubscribeList()).isEmpty();
  }
}
