package io.kumarun.kuma;

import static io.kumarun.kuma.translate.ResourceKind.CLUSTER;
import static io.kumarun.kuma.translate.ResourceKind.LISTENER;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.kumarun.kuma.ConfigAssembler.Assembly;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What is left when a control plane sends something that must not be guessed at. */
class RefusedResourceTest {
  private static final String OUTBOUND = "outbound:127.0.0.1:10001";

  private final ResourceStore store = new ResourceStore();
  private final DeltaSession session = new DeltaSession(Node.getDefaultInstance(), store);
  private final ConfigAssembler assembler = new ConfigAssembler();

  @Test
  void anUnknownFilterRefusesItsListenerByNameAndTheOthersAreServed() {
    List<DeltaDiscoveryRequest> refusals = replay("22-meshproxypatch/frontend");

    assertThat(refusals).isNotEmpty();
    assertThat(refusals)
        .allSatisfy(
            refusal -> {
              assertThat(refusal.getTypeUrl()).isEqualTo(LISTENER.typeUrl());
              assertThat(refusal.getErrorDetail().getMessage())
                  .contains("listener " + OUTBOUND)
                  .contains("envoy.filters.http.header_to_metadata")
                  .contains("envoy.extensions.filters.http.header_to_metadata.v3.Config");
            });
    Assembly assembly = assembler.assemble(store);
    assertThat(assembly.waiting()).isEmpty();
    assertThat(assembly.config().listeners())
        .containsOnlyKeys("inbound:127.0.0.2:18080", "kuma:envoy:admin");
    assertThat(store.versions(LISTENER)).doesNotContainKey(OUTBOUND);
  }

  @Test
  void aListenerServesOnWhenAnUnknownFilterComesIntoIt() {
    replayWith("22-meshproxypatch/frontend", RefusedResourceTest::withoutUnknownFilter);
    assertThat(assembler.assemble(store).config().listeners()).containsKey(OUTBOUND);
    Map<String, String> before = store.versions(LISTENER);

    List<DeltaDiscoveryRequest> refusals =
        replayLast("22-meshproxypatch/frontend", LISTENER.typeUrl());

    assertThat(refusals).hasSize(1);
    Assembly assembly = assembler.assemble(store);
    assertThat(assembly.config().listeners()).containsKey(OUTBOUND);
    assertThat(store.versions(LISTENER)).containsEntry(OUTBOUND, before.get(OUTBOUND));
    assertThat(store.rejections(LISTENER)).containsOnlyKeys(OUTBOUND);
  }

  @Test
  void withoutAnyConfigurationTheStateStaysIncomplete() {
    // 08c: the control plane fails to make one, and answers nothing, for frontend.
    session.opened();
    Assembly assembly = assembler.assemble(store);

    assertThat(Recordings.dataplanes()).doesNotContain("08c-meshhttproute-mirror-ms/frontend");
    assertThat(store.answered(CLUSTER)).isFalse();
    assertThat(store.answered(LISTENER)).isFalse();
    assertThat(assembly.config().listeners()).isEmpty();
    assertThat(store.unapplied()).isEmpty();
  }

  private List<DeltaDiscoveryRequest> replay(String dataplane) {
    return replayWith(dataplane, any -> any);
  }

  private List<DeltaDiscoveryRequest> replayWith(
      String dataplane, java.util.function.UnaryOperator<Any> change) {
    List<DeltaDiscoveryRequest> refusals = new ArrayList<>();
    session.opened();
    for (DeltaDiscoveryResponse response : Recordings.responses(dataplane)) {
      DeltaDiscoveryResponse.Builder changed = response.toBuilder().clearResources();
      for (Resource resource : response.getResourcesList()) {
        changed.addResources(
            resource.toBuilder()
                .setVersion("before")
                .setResource(change.apply(resource.getResource())));
      }
      refusals.addAll(refusals(changed.build()));
    }
    return refusals;
  }

  private List<DeltaDiscoveryRequest> replayLast(String dataplane, String typeUrl) {
    DeltaDiscoveryResponse last = null;
    for (DeltaDiscoveryResponse response : Recordings.responses(dataplane)) {
      last = response.getTypeUrl().equals(typeUrl) ? response : last;
    }
    return refusals(Objects.requireNonNull(last));
  }

  private List<DeltaDiscoveryRequest> refusals(DeltaDiscoveryResponse response) {
    return session.received(response).requests().stream()
        .filter(DeltaDiscoveryRequest::hasErrorDetail)
        .toList();
  }

  private static Any withoutUnknownFilter(Any any) {
    if (!any.is(Listener.class)) {
      return any;
    }
    try {
      Listener.Builder listener = any.unpack(Listener.class).toBuilder();
      if (listener.getName().equals(OUTBOUND)) {
        var filter = listener.getFilterChainsBuilder(0).getFiltersBuilder(0);
        HttpConnectionManager http = filter.getTypedConfig().unpack(HttpConnectionManager.class);
        filter.setTypedConfig(Any.pack(http.toBuilder().removeHttpFilters(0).build()));
      }
      return Any.pack(listener.build());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }
}
