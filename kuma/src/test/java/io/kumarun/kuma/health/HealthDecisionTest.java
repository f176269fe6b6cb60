package io.kumarun.kuma.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthDecisionTest {

  /** {@code +} and {@code -} are results, {@code ?HU} the verdict before and after each. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, +-+--, ?HUHUU",
    "1, 1, -+,    ?UH",
    "3, 2, +--,   ?HHU",
    "3, 2, +-+--, ?HHHHU",
    "3, 2, -+++,  ?UUUH",
    "3, 2, -++-+++, ?UUUUUUH",
    "0, 0, +-+,   ?HUH",
  })
  void theFirstResultCountsAtOnceAndLaterOnesInARow(
      int healthyThreshold, int unhealthyThreshold, String results, String verdicts) {
    HealthDecision decision = new HealthDecision(healthyThreshold, unhealthyThreshold);
    StringBuilder seen = new StringBuilder().append(letter(decision.verdict()));
    for (char result : results.toCharArray()) {
      Verdict before = decision.verdict();
      boolean changed = decision.record(result == '+');
      assertThat(changed).isEqualTo(before != decision.verdict());
      seen.append(letter(decision.verdict()));
    }
    assertThat(seen).hasToString(verdicts);
  }

  @Test
  void onlyExpectedStatusesAreASuccess() {
    Probe.Http probe =
        new Probe.Http(
            java.net.InetSocketAddress.createUnresolved("x", 1),
            null,
            "x",
            "/",
            List.of(new Probe.StatusRange(200, 201), new Probe.StatusRange(300, 400)));
    assertThat(List.of(199, 200, 201, 299, 300, 399, 400).stream().filter(probe::expects))
        .containsExactly(200, 300, 399);
  }

  private static char letter(Verdict verdict) {
    return switch (verdict) {
      case UNKNOWN -> '?';
      case HEALTHY -> 'H';
      case UNHEALTHY -> 'U';
    };
  }
}
