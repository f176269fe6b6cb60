package io.kumarun.kuma.translate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.UnknownFieldSet;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.OutlierDetection;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsSessionTicketKeys;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.envoyproxy.envoy.type.v3.TokenBucket;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnappliedFieldsTest {
  @Test
  void aFieldThatNoControlPlaneHasSentYetIsFound() {
    Cluster cluster =
        cluster()
            .setPreconnectPolicy(
                Cluster.PreconnectPolicy.newBuilder()
                    .setPredictivePreconnectRatio(com.google.protobuf.DoubleValue.of(2)))
            .build();

    assertThat(UnappliedFields.of(Any.pack(cluster)))
        .containsExactly(
            new Note("preconnect_policy", "envoy.config.cluster.v3.Cluster.preconnect_policy"));
  }

  @Test
  void aFieldInsideAnAnyInsideAnAnyIsFound() {
    Listener listener =
        listener(
            HttpConnectionManager.newBuilder()
                .addHttpFilters(
                    filter("router", Router.newBuilder().setSuppressEnvoyHeaders(true).build())));

    assertThat(UnappliedFields.of(Any.pack(listener)))
        .containsExactly(
            new Note(
                "filter_chains[0].filters[0].typed_config<HttpConnectionManager>.http_filters[0]"
                    + ".typed_config<Router>.suppress_envoy_headers",
                "envoy.extensions.filters.http.router.v3.Router.suppress_envoy_headers"));
  }

  @Test
  void aFieldThatTheSchemaDoesNotHaveIsFound() {
    UnknownFieldSet newer =
        UnknownFieldSet.newBuilder()
            .addField(31337, UnknownFieldSet.Field.newBuilder().addVarint(1).addVarint(2).build())
            .build();

    assertThat(UnappliedFields.of(Any.pack(cluster().setUnknownFields(newer).build())))
        .containsExactly(
            new Note(
                "field 31337", "envoy.config.cluster.v3.Cluster, a field that is not known here"));
    assertThat(
            UnappliedFields.of(
                Any.pack(
                    cluster()
                        .putTypedExtensionProtocolOptions(
                            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                            Any.pack(
                                HttpProtocolOptions.newBuilder().setUnknownFields(newer).build()))
                        .build())))
        .extracting(Note::path)
        .containsExactly(
            "typed_extension_protocol_options"
                + "[\"envoy.extensions.upstreams.http.v3.HttpProtocolOptions\"]"
                + "<HttpProtocolOptions>.field 31337");
  }

  @Test
  void aSubtreeThatNobodyReadsIsOneEntry() {
    Cluster cluster =
        cluster()
            .setOutlierDetection(
                OutlierDetection.newBuilder()
                    .setConsecutive5Xx(UInt32Value.of(3))
                    .setInterval(Duration.newBuilder().setSeconds(1))
                    .setMaxEjectionPercent(UInt32Value.of(10)))
            .build();

    assertThat(UnappliedFields.of(Any.pack(cluster)))
        .extracting(Note::path)
        .containsExactly("outlier_detection");
  }

  @Test
  void anExtensionOfWhichNothingIsReadIsOneEntryAndNoneWhereItChangesNothing() {
    LocalRateLimit empty = LocalRateLimit.newBuilder().setStatPrefix("rate_limit").build();
    LocalRateLimit limit =
        empty.toBuilder()
            .setStatus(HttpStatus.newBuilder().setCodeValue(429))
            .setTokenBucket(TokenBucket.newBuilder().setMaxTokens(3))
            .build();

    assertThat(UnappliedFields.of(Any.pack(listener(http(empty))))).isEmpty();
    assertThat(UnappliedFields.of(Any.pack(listener(http(limit)))))
        .containsExactly(
            new Note(
                "filter_chains[0].filters[0].typed_config<HttpConnectionManager>.http_filters[0]"
                    + ".typed_config<LocalRateLimit>",
                "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"));
  }

  @Test
  void anExtensionThatIsNotCompiledInIsNamed() {
    Listener listener =
        listener(
            HttpConnectionManager.newBuilder()
                .addHttpFilters(
                    HttpFilter.newBuilder()
                        .setName("wasm")
                        .setIsOptional(true)
                        .setTypedConfig(
                            Any.newBuilder().setTypeUrl("type.googleapis.com/example.v1.Wasm")))
                .addHttpFilters(filter("router", Router.getDefaultInstance())));

    assertThat(ResourceKind.LISTENER.translate("in", Any.pack(listener)).served()).isTrue();
    assertThat(UnappliedFields.of(Any.pack(listener)))
        .extracting(Note::feature)
        .containsExactly("example.v1.Wasm");
  }

  @Test
  void aParentThatIsReadDoesNotHideItsChildren() {
    HttpProtocolOptions options =
        HttpProtocolOptions.newBuilder()
            .setExplicitHttpConfig(
                HttpProtocolOptions.ExplicitHttpConfig.newBuilder()
                    .setHttp2ProtocolOptions(
                        Http2ProtocolOptions.newBuilder()
                            .setInitialStreamWindowSize(UInt32Value.of(65536))))
            .build();

    assertThat(
            UnappliedFields.of(
                Any.pack(
                    cluster().putTypedExtensionProtocolOptions("x", Any.pack(options)).build())))
        .extracting(Note::feature)
        .containsExactly("envoy.config.core.v3.Http2ProtocolOptions.initial_stream_window_size");
  }

  @Test
  void whatManyRoutesHaveInCommonIsListedAFewTimesAndCounted() {
    VirtualHost.Builder host = VirtualHost.newBuilder().setName("h").addDomains("*");
    for (int i = 0; i < 1000; i++) {
      host.addRoutes(
          Route.newBuilder()
              .setMatch(RouteMatch.newBuilder().setPrefix("/" + i))
              .setRoute(RouteAction.newBuilder().setCluster("c").setPriorityValue(1)));
    }
    Listener listener =
        listener(
            http(LocalRateLimit.getDefaultInstance())
                .setRouteConfig(RouteConfiguration.newBuilder().addVirtualHosts(host)));

    List<Note> notes = UnappliedFields.of(Any.pack(listener));

    assertThat(notes).hasSize(UnappliedFields.MAX_PER_FEATURE + 1);
    assertThat(notes.getLast().path()).isEqualTo("995 more");
  }

  @Test
  void aHostileResourceGivesABoundedList() {
    UnknownFieldSet.Builder many = UnknownFieldSet.newBuilder();
    for (int i = 1; i < 5000; i++) {
      many.addField(100_000 + i, UnknownFieldSet.Field.newBuilder().addVarint(i).build());
    }
    Cluster.Builder cluster = cluster().setUnknownFields(many.build());
    for (int i = 0; i < 1000; i++) {
      cluster.putTypedExtensionProtocolOptions(
          i + "k".repeat(10_000),
          Any.newBuilder().setTypeUrl("x/" + i + "t".repeat(10_000)).build());
    }

    List<Note> notes = UnappliedFields.of(Any.pack(cluster.build()));

    assertThat(notes)
        .hasSizeLessThanOrEqualTo(
            UnappliedFields.MAX_FEATURES * (UnappliedFields.MAX_PER_FEATURE + 1));
    assertThat(notes)
        .allSatisfy(
            note -> {
              assertThat(note.path()).hasSizeLessThan(1000);
              assertThat(note.feature()).hasSizeLessThan(1000);
            });
  }

  @Test
  void valuesAreNotShown() {
    Secret secret =
        Secret.newBuilder()
            .setName("s")
            .setSessionTicketKeys(
                TlsSessionTicketKeys.newBuilder()
                    .addKeys(
                        io.envoyproxy.envoy.config.core.v3.DataSource.newBuilder()
                            .setInlineBytes(ByteString.copyFromUtf8("hush"))))
            .build();

    assertThat(UnappliedFields.of(Any.pack(secret)).toString())
        .contains("session_ticket_keys")
        .doesNotContain("hush");
  }

  private static Cluster.Builder cluster() {
    return Cluster.newBuilder()
        .setName("c")
        .setType(Cluster.DiscoveryType.STATIC)
        .setConnectTimeout(Duration.newBuilder().setSeconds(1));
  }

  private static HttpConnectionManager.Builder http(LocalRateLimit limit) {
    return HttpConnectionManager.newBuilder()
        .addHttpFilters(filter("limit", limit))
        .addHttpFilters(filter("router", Router.getDefaultInstance()))
        .setNormalizePath(BoolValue.of(true));
  }

  private static HttpFilter filter(String name, com.google.protobuf.Message config) {
    return HttpFilter.newBuilder().setName(name).setTypedConfig(Any.pack(config)).build();
  }

  private static Listener listener(HttpConnectionManager.Builder http) {
    if (!http.hasRouteConfig()) {
      http.setRouteConfig(RouteConfiguration.getDefaultInstance());
    }
    return Listener.newBuilder()
        .setName("in")
        .setAddress(
            io.envoyproxy.envoy.config.core.v3.Address.newBuilder()
                .setSocketAddress(
                    io.envoyproxy.envoy.config.core.v3.SocketAddress.newBuilder()
                        .setAddress("127.0.0.1")
                        .setPortValue(80)))
        .addFilterChains(
            FilterChain.newBuilder()
                .addFilters(
                    Filter.newBuilder().setName("hcm").setTypedConfig(Any.pack(http.build()))))
        .build();
  }
}
