package io.kumarun.kuma.inspect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.re2j.Pattern;
import io.envoyproxy.envoy.admin.v3.BootstrapConfigDump;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump;
import io.envoyproxy.envoy.admin.v3.ConfigDump;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump;
import io.envoyproxy.envoy.admin.v3.ListenersConfigDump;
import io.envoyproxy.envoy.admin.v3.RoutesConfigDump;
import io.envoyproxy.envoy.admin.v3.SecretsConfigDump;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsSessionTicketKeys;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.kumarun.kuma.Recordings;
import io.kumarun.kuma.inspect.ResourceState.Failure;
import io.kumarun.kuma.inspect.ResourceState.Version;
import io.kumarun.kuma.translate.ResourceKind;
import io.kumarun.proxy.config.MeshConfig;
import java.io.IOException;
import java.time.Instant;
import java.util.Base64;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigDumpTest {
  private static final String CANARY = "canary-that-must-not-sing";
  private static final Instant AT = Instant.parse("2026-03-01T10:00:00.5Z");

  static List<String> recordings() {
    return Recordings.dataplanes();
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void everyRecordedConfigurationParsesBackWithEveryNameAndNoKey(String dataplane)
      throws IOException {
    Inventory inventory = recorded(dataplane);
    String json = dump(inventory, DumpRequest.EVERYTHING);

    ConfigDump dump = parsed(json);
    assertThat(dump.getConfigsList()).hasSize(7);
    ClustersConfigDump clusters = dump.getConfigs(1).unpack(ClustersConfigDump.class);
    assertThat(clusters.getDynamicActiveClustersList())
        .extracting(each -> each.getCluster().unpack(Cluster.class).getName())
        .containsExactlyElementsOf(names(inventory, ResourceKind.CLUSTER));
    EndpointsConfigDump endpoints = dump.getConfigs(2).unpack(EndpointsConfigDump.class);
    assertThat(endpoints.getDynamicEndpointConfigsList())
        .extracting(
            each -> each.getEndpointConfig().unpack(ClusterLoadAssignment.class).getClusterName())
        .containsAll(names(inventory, ResourceKind.ENDPOINTS));
    ListenersConfigDump listeners = dump.getConfigs(3).unpack(ListenersConfigDump.class);
    assertThat(listeners.getDynamicListenersList())
        .extracting(each -> each.getActiveState().getListener().unpack(Listener.class).getName())
        .containsExactlyElementsOf(names(inventory, ResourceKind.LISTENER));
    assertThat(dump.getConfigs(5).unpack(RoutesConfigDump.class).getStaticRouteConfigsList())
        .allSatisfy(
            each ->
                assertThat(each.getRouteConfig().unpack(RouteConfiguration.class))
                    .isNotEqualTo(RouteConfiguration.getDefaultInstance()));
    SecretsConfigDump secrets = dump.getConfigs(6).unpack(SecretsConfigDump.class);
    assertThat(secrets.getDynamicActiveSecretsList())
        .hasSameSizeAs(inventory.of(ResourceKind.SECRET));
    assertThat(json)
        .doesNotContain("PRIVATE KEY", base64("-----BEGIN RSA PRIVATE KEY-----").substring(0, 36))
        .doesNotContain("unknown_type");
  }

  @Test
  void aKeyIsGoneWhereverItStands() throws IOException {
    TlsCertificate certificate =
        TlsCertificate.newBuilder()
            .setCertificateChain(DataSource.newBuilder().setInlineString("public"))
            .setPrivateKey(DataSource.newBuilder().setInlineBytes(utf8(CANARY)))
            .setPassword(DataSource.newBuilder().setInlineString(CANARY))
            .build();
    Secret ticket =
        Secret.newBuilder()
            .setName("ticket")
            .setSessionTicketKeys(
                TlsSessionTicketKeys.newBuilder()
                    .addKeys(DataSource.newBuilder().setInlineString(CANARY)))
            .build();
    Listener inline =
        Listener.newBuilder()
            .setName("inline")
            .addFilterChains(
                FilterChain.newBuilder()
                    .setTransportSocket(
                        TransportSocket.newBuilder()
                            .setTypedConfig(
                                Any.pack(
                                    DownstreamTlsContext.newBuilder()
                                        .setCommonTlsContext(
                                            CommonTlsContext.newBuilder()
                                                .addTlsCertificates(certificate))
                                        .build()))))
            .build();
    Secret identity = Secret.newBuilder().setName("id").setTlsCertificate(certificate).build();
    Inventory inventory =
        inventory(
            Map.of(
                ResourceKind.SECRET,
                List.of(accepted("id", identity), accepted("ticket", ticket)),
                ResourceKind.LISTENER,
                List.of(accepted("inline", inline), refused("inline2", inline))),
            bootstrap());

    String json = dump(inventory, DumpRequest.EVERYTHING);

    assertThat(json).doesNotContain(CANARY, base64(CANARY)).contains("public");
    SecretsConfigDump secrets = parsed(json).getConfigs(6).unpack(SecretsConfigDump.class);
    TlsCertificate shown =
        secrets.getDynamicActiveSecrets(0).getSecret().unpack(Secret.class).getTlsCertificate();
    assertThat(shown.getPrivateKey().getInlineBytes()).isEqualTo(utf8("[redacted]"));
    assertThat(shown.getPassword().getInlineString()).isEqualTo("[redacted]");
  }

  @Test
  void theDataplaneTokenAndOtherCredentialsInHeadersAreGone() throws IOException {
    RouteConfiguration routes =
        RouteConfiguration.newBuilder()
            .addRequestHeadersToAdd(header("Authorization", "Basic " + CANARY))
            .addRequestHeadersToAdd(header("x-api-key", CANARY))
            .addRequestHeadersToAdd(header("x-kuma-tags", "&kuma.io/service=a&"))
            .build();
    Cluster carrier =
        Cluster.newBuilder()
            .setName("carrier")
            .putTypedExtensionProtocolOptions("routes", Any.pack(routes))
            .build();
    Inventory inventory =
        inventory(Map.of(ResourceKind.CLUSTER, List.of(accepted("carrier", carrier))), bootstrap());

    String json = dump(inventory, DumpRequest.EVERYTHING);

    assertThat(json).doesNotContain(CANARY).contains("kuma.io/service");
    BootstrapConfigDump bootstrap = parsed(json).getConfigs(0).unpack(BootstrapConfigDump.class);
    HeaderValue token =
        bootstrap
            .getBootstrap()
            .getDynamicResources()
            .getAdsConfig()
            .getGrpcServices(0)
            .getInitialMetadata(0);
    assertThat(token.getKey()).isEqualTo("authorization");
    assertThat(token.getValue()).isEqualTo("[redacted]");
    assertThat(bootstrap.getBootstrap().getNode().getId()).isEqualTo("mesh.dp");
  }

  @Test
  void aTypeThatNobodyKnowsIsANoteAndTheRestIsShown() throws IOException {
    Any unknown =
        Any.newBuilder()
            .setTypeUrl("type.googleapis.com/envoy.extensions.no.such.v3.Thing")
            .setValue(utf8(CANARY))
            .build();
    Any broken =
        Any.newBuilder()
            .setTypeUrl("type.googleapis.com/envoy.config.cluster.v3.Cluster")
            .setValue(ByteString.copyFrom(new byte[] {10, 127}))
            .build();
    Cluster known =
        Cluster.newBuilder()
            .setName("known")
            .putTypedExtensionProtocolOptions("thing", unknown)
            .build();
    Inventory inventory =
        inventory(
            Map.of(
                ResourceKind.CLUSTER,
                List.of(
                    accepted("known", known),
                    new ResourceState("unknown", new Version("1", unknown, AT), false, null),
                    new ResourceState("broken", new Version("1", broken, AT), true, null))),
            "");

    String json = dump(inventory, DumpRequest.EVERYTHING);

    assertThat(json).doesNotContain(CANARY).contains("envoy.extensions.no.such.v3.Thing");
    ClustersConfigDump clusters = parsed(json).getConfigs(1).unpack(ClustersConfigDump.class);
    Cluster shown = clusters.getDynamicActiveClusters(0).getCluster().unpack(Cluster.class);
    assertThat(shown.getName()).isEqualTo("known");
    assertThat(shown.getTypedExtensionProtocolOptionsOrThrow("thing").is(Struct.class)).isTrue();
    assertThat(clusters.getDynamicActiveClusters(1).getCluster().is(Struct.class)).isTrue();
    assertThat(clusters.getDynamicWarmingClusters(0).getCluster().is(Struct.class)).isTrue();
  }

  @Test
  void whatIsNestedWithoutAnEndIsANote() throws IOException {
    Any nested = Any.pack(Cluster.newBuilder().setName(CANARY).build());
    for (int i = 0; i < 2_000; i++) {
      nested = Any.pack(nested);
    }
    Inventory inventory =
        inventory(
            Map.of(
                ResourceKind.CLUSTER,
                List.of(
                    new ResourceState(
                        "deep", null, false, new Failure("1", nested, AT, "cluster deep: no")))),
            "");

    String json = dump(inventory, DumpRequest.EVERYTHING);

    assertThat(json).doesNotContain(CANARY).contains("bytes that this proxy cannot show");
  }

  @Test
  void aRefusedVersionStandsBesideTheOneThatServesOn() throws IOException {
    Cluster old = Cluster.newBuilder().setName("a").build();
    Inventory inventory =
        inventory(
            Map.of(
                ResourceKind.CLUSTER,
                List.of(
                    new ResourceState(
                        "a",
                        new Version("v1", Any.pack(old), AT),
                        false,
                        new Failure("v2", Any.pack(old), AT, "cluster a: no")))),
            "");

    ClustersConfigDump clusters =
        parsed(dump(inventory, DumpRequest.EVERYTHING))
            .getConfigs(1)
            .unpack(ClustersConfigDump.class);

    assertThat(clusters.getDynamicActiveClusters(0).getVersionInfo()).isEqualTo("v1");
    assertThat(clusters.getDynamicActiveClusters(0).getLastUpdated().getNanos())
        .isEqualTo(500_000_000);
    assertThat(clusters.getDynamicActiveClusters(0).getErrorState().getDetails())
        .isEqualTo("cluster a: no");
    assertThat(clusters.getDynamicActiveClusters(0).getErrorState().getVersionInfo())
        .isEqualTo("v2");
  }

  @Test
  void oneFieldIsShownElementByElementAndByName() throws IOException {
    Inventory inventory = recorded("01-plain-no-mtls/frontend");
    String json =
        dump(
            inventory,
            new DumpRequest(false, "dynamic_active_clusters", Pattern.compile("kuma:.*")));

    assertThat(parsed(json).getConfigsList())
        .isNotEmpty()
        .allSatisfy(
            each ->
                assertThat(
                        each.unpack(ClustersConfigDump.DynamicCluster.class)
                            .getCluster()
                            .unpack(Cluster.class)
                            .getName())
                    .startsWith("kuma:"));
    assertThatThrownBy(() -> dump(inventory, new DumpRequest(false, "nothing", null)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dynamic_active_clusters");
  }

  @Test
  void withoutABootstrapThereIsAnEmptyDumpThatParses() throws IOException {
    assertThat(parsed(dump(Inventory.EMPTY, DumpRequest.EVERYTHING)).getConfigsList()).hasSize(7);
  }

  @Test
  void nothingThatAnInventoryPrintsHoldsASecret() {
    assertThat(inventory(Map.of(), bootstrap()).toString()).doesNotContain(CANARY);
  }

  private static String bootstrap() {
    return """
    node: {id: mesh.dp, metadata: {features: [a], version: {kumaDp: {version: "1"}}}}
    admin:
      accessLog:
      - name: envoy.access_loggers.file
        typedConfig:
          '@type': type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
          path: /dev/null
    dynamic_resources:
      ads_config:
        api_type: DELTA_GRPC
        grpc_services:
        - envoy_grpc: {cluster_name: ads}
          initial_metadata:
          - {key: authorization, value: %s}
    static_resources:
      clusters:
      - name: ads
        typed_extension_protocol_options:
          x: {'@type': type.googleapis.com/no.such.Type, some: thing}
    """
        .formatted(CANARY);
  }

  private static HeaderValueOption header(String name, String value) {
    return HeaderValueOption.newBuilder()
        .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value))
        .build();
  }

  private static ResourceState accepted(String name, Message message) {
    return new ResourceState(name, new Version("1", Any.pack(message), AT), false, null);
  }

  private static ResourceState refused(String name, Message message) {
    return new ResourceState(name, null, false, new Failure("1", Any.pack(message), AT, "no"));
  }

  private static Inventory recorded(String dataplane) {
    Map<ResourceKind, Map<String, ResourceState>> latest = new EnumMap<>(ResourceKind.class);
    for (DeltaDiscoveryResponse response : Recordings.responses(dataplane)) {
      ResourceKind kind = ResourceKind.ofTypeUrl(response.getTypeUrl());
      if (kind == null) {
        continue;
      }
      for (Resource each : response.getResourcesList()) {
        latest
            .computeIfAbsent(kind, key -> new LinkedHashMap<>())
            .put(
                each.getName(),
                new ResourceState(
                    each.getName(),
                    new Version(each.getVersion(), each.getResource(), AT),
                    false,
                    null));
      }
    }
    Map<ResourceKind, List<ResourceState>> all = new EnumMap<>(ResourceKind.class);
    latest.forEach((kind, byName) -> all.put(kind, List.copyOf(byName.values())));
    return inventory(all, "");
  }

  private static List<String> names(Inventory inventory, ResourceKind kind) {
    return inventory.of(kind).stream().map(ResourceState::name).toList();
  }

  private static Inventory inventory(
      Map<ResourceKind, List<ResourceState>> resources, String bootstrap) {
    return new Inventory(
        Inventory.EMPTY.node(),
        bootstrap,
        AT,
        ControlPlaneStatus.UNKNOWN,
        resources,
        MeshConfig.EMPTY,
        List.of(),
        List.of());
  }

  private static String dump(Inventory inventory, DumpRequest request) throws IOException {
    StringBuilder out = new StringBuilder();
    io.kumarun.kuma.inspect.ConfigDump.write(inventory, request, out);
    return out.toString();
  }

  /** As the control plane reads it: an unknown {@code @type} fails. */
  private static ConfigDump parsed(String json) throws InvalidProtocolBufferException {
    ConfigDump.Builder dump = ConfigDump.newBuilder();
    KnownTypes.parser().merge(json, dump);
    return dump.build();
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }
}
