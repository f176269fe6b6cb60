package io.kumarun.kuma;

import static io.kumarun.kuma.translate.ResourceKind.LISTENER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.kumarun.kuma.dynconf.DnsConfig;
import io.kumarun.kuma.dynconf.DynamicConfig;
import io.kumarun.kuma.dynconf.MeshMetricConfig;
import io.kumarun.kuma.dynconf.OtelConfig;
import io.kumarun.kuma.inspect.UnappliedField;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class DynamicConfigTest {
  private static final String NAME = "_kuma:dynamicconfig";

  private final ResourceStore store = new ResourceStore();

  @Test
  void metrics() {
    MeshMetricConfig metrics =
        Objects.requireNonNull(recorded("16-meshmetric/backend").meshMetric());

    assertThat(metrics.applications())
        .containsExactly(
            new MeshMetricConfig.Application("app", "/metrics", 8082, ""),
            new MeshMetricConfig.Application(null, "/actuator/prometheus", 8081, "127.0.0.1"));
    assertThat(metrics.backends())
        .containsExactly(
            new MeshMetricConfig.Backend("Prometheus", null, null),
            new MeshMetricConfig.Backend(
                "OpenTelemetry",
                "127.0.0.1-4317",
                new MeshMetricConfig.OpenTelemetry(
                    "/tmp/kuma-dp-backend-1/kuma-otel-127.0.0.1-4317.sock", "30s")));
    assertThat(metrics.sidecar())
        .isEqualTo(
            new MeshMetricConfig.Sidecar(
                new MeshMetricConfig.Profiles(
                    List.of(new MeshMetricConfig.Profile("Basic")),
                    List.of(new MeshMetricConfig.Selector("Regex", ".*foo.*")),
                    List.of(new MeshMetricConfig.Selector("Prefix", "envoy_cluster_upstream"))),
                true));
    assertThat(metrics.extraLabels())
        .containsEntry("mesh", "s16")
        .containsEntry("kuma.workload", "backend");
  }

  @Test
  void collectors() {
    DynamicConfig config = recorded("14b-meshaccesslog-otel-backendref/frontend");

    OtelConfig.Backend backend = Objects.requireNonNull(config.otel()).backends().getFirst();
    assertThat(backend.name()).isEqualTo("collector");
    assertThat(backend.socketPath()).isEqualTo("/tmp/kuma-dp-frontend-1/kuma-otel-collector.sock");
    assertThat(backend.endpoint()).isEqualTo("127.0.0.1:4317");
    assertThat(backend.useHTTP()).isFalse();
    assertThat(Objects.requireNonNull(backend.metrics()).refreshInterval()).isEqualTo("30s");
    assertThat(Objects.requireNonNull(config.meshMetric()).backends()).isEmpty();
    assertThat(config.dns()).isNull();
  }

  @Test
  void names() {
    DnsConfig dns = Objects.requireNonNull(recorded("18e-tproxy-embedded-dns/frontend").dns());

    assertThat(dns.ttl()).isEqualTo(30);
    assertThat(dns.records())
        .hasSize(6)
        .contains(
            new DnsConfig.Record(
                "backend.svc.mesh.local", List.of("241.0.0.149", "::ffff:f100:95")));
  }

  @Test
  void whatIsNotUsedYetIsSaid() {
    recorded("16-meshmetric/backend");

    assertThat(store.unapplied())
        .contains(
            new UnappliedField(
                "listener",
                NAME,
                "/meshmetric.observability.metrics.backends[0]",
                "metrics for Prometheus"));
  }

  @Test
  void aDocumentThatCannotBeReadRefusesItsListenerAndTheLastGoodOneStays() {
    DynamicConfig before = recorded("16-meshmetric/backend");

    Map<String, String> refusals =
        store.apply(LISTENER, damaged("16-meshmetric/backend", "{\"observability\": 1"));

    assertThat(refusals).containsOnlyKeys(NAME);
    assertThat(refusals.get(NAME))
        .startsWith("listener " + NAME + ": /meshmetric cannot be read: ");
    assertThat(store.dynamicConfig()).isEqualTo(before);
    for (String document : List.of("null", "[]", "{\"observability\":{\"metrics\":7}}")) {
      assertThat(store.apply(LISTENER, damaged("16-meshmetric/backend", document)))
          .containsOnlyKeys(NAME);
    }
  }

  @Test
  void whatIsLeftOutIsEmptyAndWhatIsNewIsLeftAlone() {
    DynamicConfig config =
        DynamicConfig.parse(
            Map.of(
                "/meshmetric", "{}",
                "/dns", "{\"ttl\":5,\"newer\":{\"x\":1}}",
                "/otel", "{\"backends\":[{\"socketPath\":\"/s\",\"traces\":{}}]}",
                "/newer", "?"));

    assertThat(config.meshMetric()).isNull();
    assertThat(config.dns()).isEqualTo(new DnsConfig(List.of(), 5, Map.of()));
    assertThat(Objects.requireNonNull(config.otel()).backends()).hasSize(1);
    assertThatThrownBy(() -> DynamicConfig.parse(Map.of("/otel", "{\"backends\":[null]}")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("/otel cannot be read");
  }

  private DynamicConfig recorded(String dataplane) {
    for (DeltaDiscoveryResponse response : Recordings.responses(dataplane)) {
      if (response.getTypeUrl().equals(LISTENER.typeUrl())) {
        assertThat(store.apply(LISTENER, response)).isEmpty();
      }
    }
    return Objects.requireNonNull(store.dynamicConfig());
  }

  /** The recorded listener with another document for metrics. */
  private static DeltaDiscoveryResponse damaged(String dataplane, String document) {
    DeltaDiscoveryResponse.Builder damaged = DeltaDiscoveryResponse.newBuilder();
    for (DeltaDiscoveryResponse response : Recordings.responses(dataplane)) {
      for (Resource resource : response.getResourcesList()) {
        if (resource.getName().equals(NAME)) {
          damaged.clearResources();
          damaged.addResources(resource.toBuilder().setResource(with(resource, document)));
        }
      }
    }
    return damaged.build();
  }

  private static Any with(Resource resource, String document) {
    try {
      Listener.Builder listener = resource.getResource().unpack(Listener.class).toBuilder();
      var filter = listener.getFilterChainsBuilder(0).getFiltersBuilder(0);
      var http = filter.getTypedConfig().unpack(HttpConnectionManager.class).toBuilder();
      http.getRouteConfigBuilder()
          .getVirtualHostsBuilder(0)
          .getRoutesBuilderList()
          .forEach(
              route -> {
                if (route.getDirectResponse().getStatus() == 200) {
                  route.getDirectResponseBuilder().getBodyBuilder().setInlineString(document);
                }
              });
      filter.setTypedConfig(Any.pack(http.build()));
      return Any.pack(listener.build());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }
}
