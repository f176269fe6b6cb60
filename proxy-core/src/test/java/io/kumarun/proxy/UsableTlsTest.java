package io.kumarun.proxy;

import static io.kumarun.proxy.ConfigFixture.mesh;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.proxy.config.ClusterConfig;
import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.tls.ClientTls;
import io.kumarun.tls.TlsContexts;
import io.kumarun.tls.TlsParameters;
import io.kumarun.tls.TlsParameters.TlsVersion;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UsableTlsTest {
  private static final int MANY = 100;

  private final TestTls tls = new TestTls();
  private final TlsContexts contexts = new TlsContexts(InstantSource.system());
  private final List<String> problems = new ArrayList<>();

  @AfterEach
  void close() {
    contexts.close();
  }

  @Test
  void aFewClustersHaveTheirContextsAhead() {
    MeshConfig config = clusters(10, "kuma");
    assertThat(usable(MeshConfig.EMPTY, config)).isEqualTo(config);
    assertThat(made(config)).isEqualTo(10);
  }

  @Test
  void ofManyClustersTheLastGetTheirContextsWithTheirFirstConnection() {
    MeshConfig config = clusters(MANY, "kuma");
    assertThat(usable(MeshConfig.EMPTY, config)).isEqualTo(config);
    assertThat(made(config)).isEqualTo(64);
    assertThat(problems).isEmpty();
  }

  @Test
  void aClusterThatWasConnectedToHasItsNextContextAheadAsWell() {
    MeshConfig before = clusters(MANY, "kuma");
    contexts.prepare(List.of(), before.clusters().values().stream().map(c -> of(c)).toList());
    MeshConfig next = clusters(MANY, "other");

    usable(before, next);

    assertThat(made(next)).isEqualTo(MANY);
  }

  @Test
  void aBadOneAmongManyIsFoundAtOnce() {
    ClientTls good = client("bad", "kuma");
    ClientTls bad =
        new ClientTls(
            good.certificate(),
            good.peerValidation(),
            good.sni(),
            good.alpnProtocols(),
            new TlsParameters(TlsVersion.TLS_1_2, TlsVersion.TLS_1_2, List.of("NO-SUCH-CIPHER")));
    List<ClusterConfig> all = new ArrayList<>(clusters(MANY, "kuma").clusters().values());
    all.add(cluster("bad", bad));

    MeshConfig usable =
        usable(MeshConfig.EMPTY, mesh(List.of(), all.toArray(ClusterConfig[]::new)));

    assertThat(usable.clusters()).hasSize(MANY).doesNotContainKey("bad");
    assertThat(problems).singleElement().asString().startsWith("cluster bad: its TLS settings");
  }

  private MeshConfig usable(MeshConfig before, MeshConfig config) {
    return new UsableTls(contexts, before, problems).of(config);
  }

  private long made(MeshConfig config) {
    return config.clusters().values().stream().filter(c -> contexts.has(of(c))).count();
  }

  private static ClientTls of(ClusterConfig cluster) {
    return Objects.requireNonNull(cluster.tls());
  }

  private MeshConfig clusters(int count, String protocol) {
    return mesh(
        List.of(),
        IntStream.range(0, count)
            .mapToObj(number -> "service-" + number)
            .map(name -> cluster(name, client(name, protocol)))
            .toArray(ClusterConfig[]::new));
  }

  private ClientTls client(String sni, String protocol) {
    ClientTls client = tls.client();
    return new ClientTls(
        client.certificate(), client.peerValidation(), sni, List.of(protocol), client.parameters());
  }

  private static ClusterConfig cluster(String name, ClientTls tls) {
    ClusterConfig plain = ConfigFixture.cluster(name, ClusterConfig.Protocol.HTTP1, 1);
    return new ClusterConfig(
        plain.name(),
        plain.statName(),
        plain.protocol(),
        plain.discovery(),
        tls,
        plain.connectTimeout(),
        plain.idleTimeout(),
        plain.maxConnectionDuration(),
        plain.maxStreamDuration(),
        plain.limits(),
        plain.endpoints());
  }
}
