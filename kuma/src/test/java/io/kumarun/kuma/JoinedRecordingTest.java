package io.kumarun.kuma;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.kumarun.kuma.ConfigAssembler.Assembly;
import io.kumarun.proxy.config.Address;
import io.kumarun.proxy.config.ClusterChoice;
import io.kumarun.proxy.config.ClusterConfig;
import io.kumarun.proxy.config.EndpointConfig;
import io.kumarun.proxy.config.FilterChainConfig;
import io.kumarun.proxy.config.FilterChainMatch;
import io.kumarun.proxy.config.HttpConnectionConfig;
import io.kumarun.proxy.config.HttpConnectionConfig.ForwardClientCert;
import io.kumarun.proxy.config.HttpConnectionConfig.HttpFilterConfig;
import io.kumarun.proxy.config.ListenerConfig;
import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.proxy.config.PermissionConfig;
import io.kumarun.proxy.config.PermissionConfig.Action;
import io.kumarun.proxy.config.PermissionConfig.Condition;
import io.kumarun.proxy.config.PermissionConfig.Rule;
import io.kumarun.proxy.config.PermissionConfig.StringMatch;
import io.kumarun.proxy.config.PermissionConfig.Verdict;
import io.kumarun.proxy.config.RouteTableConfig.HeaderEdits;
import io.kumarun.proxy.config.RouteTableConfig.PathMatch;
import io.kumarun.proxy.config.RouteTableConfig.Route;
import io.kumarun.proxy.config.RouteTableConfig.RouteAction;
import io.kumarun.proxy.config.RouteTableConfig.RouteMatch;
import io.kumarun.retry.ConnectionLimits;
import io.kumarun.tls.ClientTls;
import io.kumarun.tls.PeerValidation;
import io.kumarun.tls.SanMatcher;
import io.kumarun.tls.ServerTls;
import io.kumarun.tls.TlsParameters;
import io.kumarun.tls.TrustBundle;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class JoinedRecordingTest {
  @Test
  void legacyMutualTlsInbound() {
    MeshConfig config = join("delta-03-mtls-strict-mtp/backend");

    assertThat(config.listeners()).containsOnlyKeys("inbound:127.0.0.3:18080", "kuma:envoy:admin");
    ListenerConfig inbound = listener(config, "inbound:127.0.0.3:18080");
    assertThat(inbound.address()).isEqualTo(new Address.Socket("127.0.0.3", 18080));
    assertThat(inbound.direction()).isEqualTo(ListenerConfig.Direction.INBOUND);
    assertThat(inbound.bindToPort()).isTrue();
    assertThat(inbound.inspectTls()).isFalse();
    assertThat(inbound.tags())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "kuma.io/protocol",
                "http",
                "kuma.io/service",
                "backend",
                "kuma.io/zone",
                "lab",
                "version",
                "v1"));
    assertThat(inbound.filterChains()).hasSize(1);
    FilterChainConfig chain = inbound.filterChains().getFirst();
    assertThat(chain.match()).isEqualTo(FilterChainMatch.ANY);
    ServerTls tls = Objects.requireNonNull(chain.tls());
    assertThat(tls.requireClientCertificate()).isTrue();
    assertThat(tls.alpnProtocols()).isEmpty();
    assertThat(tls.parameters()).isEqualTo(TlsParameters.DEFAULT);
    assertThat(tls.certificate().name()).isEqualTo("identity_cert:secret:s03");
    PeerValidation validation = Objects.requireNonNull(tls.peerValidation());
    assertThat(validation.accepted())
        .containsExactly(
            new SanMatcher(SanMatcher.SanType.URI, SanMatcher.Match.PREFIX, "spiffe://s03/"));
    assertThat(validation.trust()).isInstanceOf(TrustBundle.Authorities.class);

    HttpConnectionConfig http = (HttpConnectionConfig) chain.terminal();
    assertThat(http.statPrefix()).isEqualTo("localhost_8082");
    assertThat(http.forwardClientCert()).isEqualTo(ForwardClientCert.SANITIZE_SET_URI);
    assertThat(http.streamIdleTimeout()).isEqualTo(Duration.ofHours(1));
    assertThat(http.requestHeadersTimeout()).isZero();
    assertThat(http.connectionIdleTimeout()).isZero();
    assertThat(http.normalizePath()).isFalse();
    assertThat(http.internalAddresses())
        .containsExactly("10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12", "127.0.0.1/32");
    assertThat(http.filters())
        .containsExactly(
            new HttpFilterConfig.Rbac(
                new PermissionConfig(
                    List.of(
                        new Rule(
                            "MeshTrafficPermission",
                            new Condition.AnyOf(
                                List.of(
                                    principal("spiffe://s03/frontend"),
                                    principal("spiffe://s03/batch"))),
                            Action.ALLOW)),
                    new Verdict("none", Action.DENY),
                    new PermissionConfig(
                        List.of(
                            new Rule(
                                "MeshTrafficPermission",
                                principal("spiffe://s03/batch"),
                                Action.DENY)),
                        new Verdict("none", Action.ALLOW),
                        null))));
    assertThat(http.routes().virtualHosts()).hasSize(1);
    assertThat(http.routes().virtualHosts().getFirst().routes())
        .containsExactly(
            new Route(
                "",
                new RouteMatch(new PathMatch.Prefix("/"), List.of()),
                new RouteAction.Forward(
                    new ClusterChoice.Single("localhost:8082"),
                    Duration.ZERO,
                    Duration.ofHours(1),
                    null),
                new HeaderEdits(List.of(), List.of("x-kuma-tags")),
                HeaderEdits.NONE));
  }

  @Test
  void adminListenerWithInlineCertificates() {
    ListenerConfig admin = listener(join("delta-03-mtls-strict-mtp/backend"), "kuma:envoy:admin");

    assertThat(admin.inspectTls()).isTrue();
    assertThat(admin.filterChains()).hasSize(2);
    assertThat(admin.filterChains().getFirst().tls()).isNull();
    FilterChainConfig secure = admin.filterChains().getLast();
    assertThat(secure.match().transport()).isEqualTo(FilterChainMatch.Transport.TLS);
    ServerTls tls = Objects.requireNonNull(secure.tls());
    assertThat(tls.requireClientCertificate()).isTrue();
    assertThat(Objects.requireNonNull(tls.peerValidation()).accepted())
        .containsExactly(new SanMatcher(SanMatcher.SanType.DNS, SanMatcher.Match.EXACT, "kuma-cp"));
  }

  @Test
  void clustersOfALegacyMesh() {
    MeshConfig config = join("delta-03-mtls-strict-mtp/frontend");

    ClusterConfig backend = cluster(config, "backend");
    assertThat(backend.protocol()).isEqualTo(ClusterConfig.Protocol.HTTP2);
    assertThat(backend.discovery()).isEqualTo(ClusterConfig.Discovery.ADDRESSES);
    assertThat(backend.connectTimeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(backend.idleTimeout()).isEqualTo(Duration.ofHours(1));
    assertThat(backend.maxConnectionDuration()).isZero();
    assertThat(backend.maxStreamDuration()).isZero();
    assertThat(backend.limits()).isEqualTo(ConnectionLimits.DEFAULT);
    ClientTls tls = Objects.requireNonNull(backend.tls());
    assertThat(tls.sni()).isEqualTo("backend{mesh=s03}");
    assertThat(tls.alpnProtocols()).containsExactly("kuma");
    assertThat(Objects.requireNonNull(tls.certificate()).name())
        .isEqualTo("identity_cert:secret:s03");
    assertThat(Objects.requireNonNull(tls.peerValidation()).accepted())
        .containsExactly(
            new SanMatcher(SanMatcher.SanType.URI, SanMatcher.Match.EXACT, "spiffe://s03/backend"));
    assertThat(backend.endpoints()).hasSize(1);
    EndpointConfig endpoint = backend.endpoints().getFirst();
    assertThat(endpoint.address()).isEqualTo(new Address.Socket("127.0.0.3", 18080));
    assertThat(endpoint.weight()).isEqualTo(1);
    assertThat(endpoint.priority()).isZero();
    assertThat(endpoint.healthy()).isTrue();
    assertThat(endpoint.zone()).isEqualTo("lab");
    assertThat(endpoint.tags()).containsEntry("version", "v1");

    ClusterConfig local = cluster(config, "localhost:8081");
    assertThat(local.tls()).isNull();
    assertThat(local.protocol()).isEqualTo(ClusterConfig.Protocol.HTTP1);
    assertThat(local.connectTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(local.statName()).isEqualTo("localhost_8081");
    assertThat(cluster(config, "kuma:envoy:admin").endpoints().getFirst().address())
        .isEqualTo(new Address.Pipe("/tmp/kuma-dp-frontend-1/kuma-envoy-admin.sock"));
  }

  @Test
  void meshIdentityWithTrustBundlesOfTwoDomains() {
    MeshConfig config = join("delta-04-meshidentity-meshtrust-ms/frontend");

    // inbound:passthrough:* have use_original_dst.
    assertThat(config.listeners())
        .containsOnlyKeys(
            "inbound:127.0.0.2:18080", "outbound:127.0.0.1:10001", "kuma:envoy:admin");
    ClientTls tls = Objects.requireNonNull(cluster(config, "s04ms_backend__lab_msvc_80").tls());
    PeerValidation server = Objects.requireNonNull(tls.peerValidation());
    assertThat(server.trust()).isInstanceOf(TrustBundle.SpiffeBundles.class);
    assertThat(((TrustBundle.SpiffeBundles) server.trust()).rootsByTrustDomain())
        .containsOnlyKeys("s04ms.mesh.local", "other.mesh.local");
    assertThat(server.accepted())
        .contains(
            new SanMatcher(
                SanMatcher.SanType.URI,
                SanMatcher.Match.EXACT,
                "spiffe://s04ms.mesh.local/workload/backend"));
    assertThat(cluster(config, "s04ms_backend__lab_msvc_80").endpoints())
        .allSatisfy(endpoint -> assertThat(endpoint.labels()).containsKey("kuma.io/workload"));

    HttpConnectionConfig inbound =
        (HttpConnectionConfig)
            listener(join("delta-04-meshidentity-meshtrust-ms/backend"), "inbound:127.0.0.3:18080")
                .filterChains()
                .getFirst()
                .terminal();
    HttpFilterConfig.Rbac rbac = (HttpFilterConfig.Rbac) inbound.filters().getFirst();
    assertThat(rbac.permission().otherwise()).isEqualTo(new Verdict("default", Action.DENY));
    assertThat(rbac.permission().rules())
        .extracting(Rule::condition)
        .containsExactly(
            new Condition.UriSan(new StringMatch.Prefix("spiffe://s04ms.mesh.local/workload")));
    assertThat(rbac.permission().rules()).extracting(Rule::action).containsOnly(Action.ALLOW);
  }

  private static Condition principal(String id) {
    return new Condition.PrincipalName(new StringMatch.Exact(id));
  }

  private static ListenerConfig listener(MeshConfig config, String name) {
    return Objects.requireNonNull(config.listeners().get(name), name);
  }

  private static ClusterConfig cluster(MeshConfig config, String name) {
    return Objects.requireNonNull(config.clusters().get(name), name);
  }

  private static MeshConfig join(String dataplane) {
    Assembly assembly = assemble(dataplane);
    assertThat(assembly.waiting()).isEmpty();
    return assembly.config();
  }

  private static Assembly assemble(String dataplane) {
    ResourceStore store = new ResourceStore();
    DeltaSession session = new DeltaSession(Node.getDefaultInstance(), store);
    assertThat(session.opened()).hasSize(1);
    for (DeltaDiscoveryResponse response : Recordings.responses(dataplane)) {
      session.received(response);
    }
    return new ConfigAssembler().assemble(store);
  }
}
