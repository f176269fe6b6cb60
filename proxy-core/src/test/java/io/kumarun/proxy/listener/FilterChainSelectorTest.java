package io.kumarun.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.proxy.config.ClusterChoice;
import io.kumarun.proxy.config.FilterChainConfig;
import io.kumarun.proxy.config.FilterChainMatch;
import io.kumarun.proxy.config.FilterChainMatch.Transport;
import io.kumarun.proxy.config.TcpProxyConfig;
import io.kumarun.telemetry.ProxyMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FilterChainSelectorTest {
  private static final FilterChainMatch RAW =
      new FilterChainMatch(0, List.of(), Transport.RAW_BUFFER, List.of());
  private static final FilterChainMatch TLS =
      new FilterChainMatch(0, List.of(), Transport.TLS, List.of());
  private static final FilterChainMatch MESH =
      new FilterChainMatch(0, List.of(), Transport.TLS, List.of("kuma"));

  private static FilterChainSelector selector(FilterChainMatch... matches) {
    List<FilterChain> chains = new ArrayList<>();
    for (FilterChainMatch match : matches) {
      chains.add(
          FilterChain.compile(
              new FilterChainConfig(
                  match.toString(),
                  match,
                  null,
                  List.of(),
                  new TcpProxyConfig("x", new ClusterChoice.Single("x"), Duration.ZERO, 1)),
              new ProxyMetrics()));
    }
    return new FilterChainSelector(chains);
  }

  private static @Nullable FilterChainMatch pick(
      FilterChainSelector selector, int port, Inspection seen) {
    FilterChain chain = selector.select(port, seen);
    return chain == null ? null : chain.match();
  }

  private static Inspection tls(String sni, String... alpn) {
    return new Inspection(Transport.TLS, sni, List.of(alpn));
  }

  @Test
  void aPermissiveInboundTellsThreeKindsApart() {
    FilterChainSelector selector = selector(RAW, TLS, MESH);

    assertThat(pick(selector, 80, Inspection.CLEARTEXT)).isEqualTo(RAW);
    assertThat(pick(selector, 80, tls("", "h2", "http/1.1"))).isEqualTo(TLS);
    assertThat(pick(selector, 80, tls("", "kuma"))).isEqualTo(MESH);
  }

  @Test
  void withoutInspectionOnlyChainsThatAskNothingMatch() {
    assertThat(pick(selector(TLS, FilterChainMatch.ANY), 80, Inspection.NONE))
        .isEqualTo(FilterChainMatch.ANY);
    assertThat(pick(selector(TLS), 80, Inspection.NONE)).isNull();
  }

  @Test
  void namesCountMoreThanTransportAndExactMoreThanWildcard() {
    FilterChainMatch exact = new FilterChainMatch(0, List.of("a.mesh"), null, List.of());
    FilterChainMatch wild = new FilterChainMatch(0, List.of("*.mesh"), null, List.of());

    assertThat(pick(selector(MESH, wild, exact), 80, tls("a.mesh", "kuma"))).isEqualTo(exact);
    assertThat(pick(selector(MESH, wild, exact), 80, tls("b.mesh", "kuma"))).isEqualTo(wild);
    assertThat(pick(selector(MESH, wild, exact), 80, tls("mesh", "kuma"))).isEqualTo(MESH);
  }

  @Test
  void thePortCountsMost() {
    FilterChainMatch port = new FilterChainMatch(80, List.of(), null, List.of());
    FilterChainMatch exact = new FilterChainMatch(0, List.of("a.mesh"), null, List.of());

    assertThat(pick(selector(exact, port), 80, tls("a.mesh"))).isEqualTo(port);
    assertThat(pick(selector(exact, port), 81, tls("a.mesh"))).isEqualTo(exact);
  }
}
