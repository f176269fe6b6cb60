package io.kumarun.sidecar.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoDurationTest {
  @ParameterizedTest
  @CsvSource({
    "0,PT0S",
    "0s,PT0S",
    "30s,PT30S",
    "1m30s,PT1M30S",
    "500ms,PT0.5S",
    "1.5h,PT1H30M",
    ".5s,PT0.5S",
    "3us,PT0.000003S",
    "3µs,PT0.000003S",
    "7ns,PT0.000000007S",
    "2h45m,PT2H45M"
  })
  void whatGoUnderstands(String text, Duration expected) {
    assertThat(GoDuration.parse(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"30", "s", "-5s", "5 s", "5S", "1d", "1m 30s", "5s!", "x5s", "99999999999h", "."})
  void whatIsNoDuration(String text) {
    assertThatThrownBy(() -> GoDuration.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
