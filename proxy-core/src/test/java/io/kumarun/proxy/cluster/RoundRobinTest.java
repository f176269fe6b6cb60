package io.kumarun.proxy.cluster;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumarun.proxy.config.Address;
import io.kumarun.proxy.config.EndpointConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoundRobinTest {
  private static EndpointConfig endpoint(int port, int weight, int priority, boolean healthy) {
    return new EndpointConfig(
        new Address.Socket("127.0.0.1", port), weight, priority, healthy, "", Map.of(), Map.of());
  }

  private static HostSet hosts(EndpointConfig... endpoints) {
    return HostSet.EMPTY.next(List.of(endpoints));
  }

  private static List<String> picks(HostSet hosts, int count) {
    RoundRobin balancer = new RoundRobin(0);
    List<String> picks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      picks.add(requireNonNull(balancer.pick(hosts)).toString().substring("127.0.0.1:".length()));
    }
    return picks;
  }

  @Test
  void everyHostHasItsTurn() {
    HostSet hosts = hosts(endpoint(1, 1, 0, true), endpoint(2, 1, 0, true));

    assertThat(picks(hosts, 4)).containsExactly("1", "2", "1", "2");
  }

  @Test
  void weightsAreServedSmoothly() {
    HostSet hosts = hosts(endpoint(1, 3, 0, true), endpoint(2, 1, 0, true));

    assertThat(picks(hosts, 8)).containsExactly("1", "1", "2", "1", "1", "1", "2", "1");
  }

  @Test
  void unhealthyHostsAreLeftOutWhileHalfIsHealthy() {
    HostSet hosts =
        hosts(endpoint(1, 1, 0, true), endpoint(2, 1, 0, false), endpoint(3, 1, 0, true));

    assertThat(picks(hosts, 4)).containsExactly("1", "3", "1", "3");
  }

  @Test
  void inPanicEveryHostIsUsed() {
    HostSet hosts =
        hosts(endpoint(1, 1, 0, true), endpoint(2, 1, 0, false), endpoint(3, 1, 0, false));

    assertThat(picks(hosts, 3)).containsExactly("1", "2", "3");
  }

  @Test
  void aLowerPriorityServesWhenTheFirstHasNobody() {
    HostSet hosts = hosts(endpoint(1, 1, 0, false), endpoint(2, 1, 1, true));

    assertThat(picks(hosts, 2)).containsExactly("2", "2");
  }

  @Test
  void noHostMeansNone() {
    assertThat(new RoundRobin(7).pick(HostSet.EMPTY)).isNull();
  }

  @Test
  void anUnchangedEndpointKeepsItsHost() {
    HostSet before = hosts(endpoint(1, 1, 0, true), endpoint(2, 1, 0, true));
    HostSet after = before.next(List.of(endpoint(2, 1, 0, true), endpoint(3, 1, 0, true)));

    assertThat(after.all().getFirst()).isSameAs(before.all().getLast());
  }
}
