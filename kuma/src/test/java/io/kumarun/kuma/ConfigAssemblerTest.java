package io.kumarun.kuma;

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

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.kumarun.kuma.ConfigAssembler.Assembly;
import io.kumarun.proxy.config.ClusterConfig;
import io.kumarun.proxy.config.ListenerConfig;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ConfigAssemblerTest {
  private final ResourceStore store = new ResourceStore();
  private final ConfigAssembler assembler = new ConfigAssembler();

  @Test
  void aClusterAppearsWithTheAnswerAboutItsEndpointsAndItsListenerThen() {
    store.apply(CLUSTER, Responses.of(CLUSTER, "1").with("a", "1", edsCluster("a")).build());
    store.apply(
        LISTENER, Responses.of(LISTENER, "2").with("l", "1", listener("l", 1, "a")).build());

    Assembly assembly = assembler.assemble(store);
    assertThat(assembly.config().clusters()).isEmpty();
    assertThat(assembly.config().listeners()).isEmpty();
    assertThat(assembly.waiting())
        .extracting(Object::toString)
        .containsExactly(
            "cluster a waits: endpoints a have not come",
            "listener l waits: cluster a is not complete");

    store.apply(ENDPOINTS, Responses.of(ENDPOINTS, "3").with("a", "1", endpoints("a")).build());

    assembly = assembler.assemble(store);
    assertThat(assembly.waiting()).isEmpty();
    assertThat(cluster(assembly, "a").endpoints()).isEmpty();
    assertThat(assembly.config().listeners()).containsOnlyKeys("l");
  }

  @Test
  void endpointsThatDoNotExistAreAnAnswerAndLaterRemovalKeepsWhatThereWas() {
    store.apply(
        CLUSTER,
        Responses.of(CLUSTER, "1")
            .with("a", "1", edsCluster("a"))
            .with("b", "1", edsCluster("b"))
            .build());
    store.apply(
        ENDPOINTS,
        Responses.of(ENDPOINTS, "2").with("b", "1", endpoints("b", 80)).without("a").build());
    store.apply(ENDPOINTS, Responses.of(ENDPOINTS, "3").without("b").build());

    Assembly assembly = assembler.assemble(store);

    assertThat(cluster(assembly, "a").endpoints()).isEmpty();
    assertThat(cluster(assembly, "b").endpoints()).hasSize(1);
  }

  @Test
  void aListenerIsServedForAClusterThatIsKnownNotToExist() {
    store.apply(
        LISTENER, Responses.of(LISTENER, "1").with("l", "1", listener("l", 1, "a")).build());
    assertThat(assembler.assemble(store).config().listeners()).isEmpty();

    store.apply(CLUSTER, Responses.of(CLUSTER, "2").build());

    assertThat(assembler.assemble(store).config().listeners()).containsOnlyKeys("l");
  }

  @Test
  void aListenerWithoutItsSecretIsNotServedAtAll() {
    store.apply(CLUSTER, Responses.of(CLUSTER, "1").build());
    store.apply(
        LISTENER,
        Responses.of(LISTENER, "2").with("l", "1", tlsListener("l", 1, "a", CERTIFICATE)).build());

    for (int i = 0; i < 2; i++) {
      Assembly assembly = assembler.assemble(store);
      assembler.giveUpOnWaitingClusters();
      assertThat(assembly.config().listeners()).isEmpty();
      assertThat(assembly.listenersWait()).isTrue();
      assertThat(assembly.waiting().getFirst().reason())
          .contains("secret " + CERTIFICATE + " has not come");
    }

    store.apply(SECRET, Responses.secrets("3", CERTIFICATE));

    Assembly assembly = assembler.assemble(store);
    assertThat(assembly.waiting()).isEmpty();
    assertThat(listenerConfig(assembly, "l").filterChains().getFirst().tls()).isNotNull();
  }

  @Test
  void aListenerThatTurnsToTlsKeepsItsOldFormUntilTheSecretIsThere() {
    store.apply(CLUSTER, Responses.of(CLUSTER, "1").build());
    store.apply(
        LISTENER, Responses.of(LISTENER, "2").with("l", "1", listener("l", 1, "a")).build());
    ListenerConfig before = listenerConfig(assembler.assemble(store), "l");

    store.apply(
        LISTENER,
        Responses.of(LISTENER, "3").with("l", "2", tlsListener("l", 1, "a", CERTIFICATE)).build());

    Assembly assembly = assembler.assemble(store);
    assertThat(listenerConfig(assembly, "l")).isEqualTo(before);
    assertThat(assembly.listenersWait()).isTrue();
  }

  @Test
  void aClusterThatNeedsANewSecretKeepsItsOldFormUntilThen() {
    store.apply(SECRET, Responses.secrets("1", CERTIFICATE));
    store.apply(
        CLUSTER, Responses.of(CLUSTER, "2").with("a", "1", tlsCluster("a", CERTIFICATE)).build());
    store.apply(ENDPOINTS, Responses.of(ENDPOINTS, "3").with("a", "1", endpoints("a", 1)).build());
    ClusterConfig before = cluster(assembler.assemble(store), "a");

    store.apply(
        CLUSTER, Responses.of(CLUSTER, "4").with("a", "2", tlsCluster("a", "next")).build());

    Assembly assembly = assembler.assemble(store);
    assertThat(cluster(assembly, "a")).isEqualTo(before);
    assertThat(assembly.waiting().getFirst().reason()).contains("secret next has not come");

    store.apply(SECRET, Responses.secrets("5", "next"));
    ClusterConfig after = cluster(assembler.assemble(store), "a");
    assertThat(Objects.requireNonNull(Objects.requireNonNull(after.tls()).certificate()).name())
        .isEqualTo("next");
  }

  @Test
  void aClusterWithoutItsSecretIsNeverSpokenToInCleartext() {
    store.apply(
        CLUSTER, Responses.of(CLUSTER, "1").with("a", "1", tlsCluster("a", CERTIFICATE)).build());
    store.apply(ENDPOINTS, Responses.of(ENDPOINTS, "2").with("a", "1", endpoints("a", 1)).build());
    store.apply(
        LISTENER, Responses.of(LISTENER, "3").with("l", "1", listener("l", 1, "a")).build());

    assertThat(assembler.assemble(store).config().listeners()).isEmpty();

    assembler.assemble(store);
    assembler.giveUpOnWaitingClusters();
    Assembly impatient = assembler.assemble(store);
    assertThat(impatient.config().clusters()).isEmpty();
    assertThat(impatient.config().listeners()).containsOnlyKeys("l");
  }

  @Test
  void withoutAnAnswerAboutEndpointsAClusterIsServedEmptyAfterAWhile() {
    store.apply(CLUSTER, Responses.of(CLUSTER, "1").with("a", "1", edsCluster("a")).build());
    store.apply(
        LISTENER, Responses.of(LISTENER, "2").with("l", "1", listener("l", 1, "a")).build());

    assembler.assemble(store);
    assembler.giveUpOnWaitingClusters();
    Assembly impatient = assembler.assemble(store);

    assertThat(cluster(impatient, "a").endpoints()).isEmpty();
    assertThat(impatient.config().listeners()).containsOnlyKeys("l");
    assertThat(assembler.assemble(store).config()).isEqualTo(impatient.config());
  }

  @Test
  void aRemovedClusterIsGoneAtOnceAndItsListenerStays() {
    store.apply(CLUSTER, Responses.of(CLUSTER, "1").with("a", "1", edsCluster("a")).build());
    store.apply(ENDPOINTS, Responses.of(ENDPOINTS, "2").with("a", "1", endpoints("a", 1)).build());
    store.apply(
        LISTENER, Responses.of(LISTENER, "3").with("l", "1", listener("l", 1, "a")).build());
    assembler.assemble(store);

    store.apply(CLUSTER, Responses.of(CLUSTER, "4").without("a").build());

    Assembly assembly = assembler.assemble(store);
    assertThat(assembly.config().clusters()).isEmpty();
    assertThat(assembly.config().listeners()).containsOnlyKeys("l");
    assertThat(assembly.waiting()).isEmpty();
  }

  @Test
  void anUnchangedConfigurationIsTheSameObject() {
    store.apply(
        CLUSTER,
        Responses.of(CLUSTER, "1")
            .with("a", "1", Cluster.newBuilder().setName("a").build())
            .build());

    Assembly first = assembler.assemble(store);

    assertThat(first.config().clusters()).containsOnlyKeys("a");
    assertThat(assembler.assemble(store).config()).isSameAs(first.config());
  }

  @Test
  void aListenerServesUntilTheOneThatTakesOverItsAddressIsComplete() {
    store.apply(CLUSTER, Responses.of(CLUSTER, "1").with("a", "1", edsCluster("a")).build());
    store.apply(ENDPOINTS, Responses.of(ENDPOINTS, "2").with("a", "1", endpoints("a")).build());
    store.apply(
        LISTENER, Responses.of(LISTENER, "3").with("old", "1", listener("old", 1, "a")).build());
    assertThat(assembler.assemble(store).config().listeners()).containsOnlyKeys("old");

    store.apply(
        CLUSTER, Responses.of(CLUSTER, "4").with("b", "1", edsCluster("b")).without("a").build());
    store.apply(
        LISTENER,
        Responses.of(LISTENER, "5")
            .with("new", "1", listener("new", 1, "b"))
            .without("old")
            .build());
    assertThat(assembler.assemble(store).config().listeners()).containsOnlyKeys("old");

    store.apply(ENDPOINTS, Responses.of(ENDPOINTS, "6").with("b", "1", endpoints("b")).build());
    assertThat(assembler.assemble(store).config().listeners()).containsOnlyKeys("new");
  }

  @Test
  void endpointsWithHostNamesAreResolved() {
    store.apply(CLUSTER, Responses.of(CLUSTER, "1").with("a", "1", edsCluster("a")).build());
    var named = endpoints("a", 443).toBuilder();
    named
        .getEndpointsBuilder(0)
        .getLbEndpointsBuilder(0)
        .getEndpointBuilder()
        .getAddressBuilder()
        .getSocketAddressBuilder()
        .setAddress("backend.example.com");
    store.apply(ENDPOINTS, Responses.of(ENDPOINTS, "2").with("a", "1", named.build()).build());

    assertThat(cluster(assembler.assemble(store), "a").discovery())
        .isEqualTo(ClusterConfig.Discovery.DNS);
  }

  private static ClusterConfig cluster(Assembly assembly, String name) {
    return Objects.requireNonNull(assembly.config().clusters().get(name), name);
  }

  private static ListenerConfig listenerConfig(Assembly assembly, String name) {
    return Objects.requireNonNull(assembly.config().listeners().get(name), name);
  }
}
