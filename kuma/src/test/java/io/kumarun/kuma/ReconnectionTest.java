package io.kumarun.kuma;

import static io.kumarun.kuma.StreamLoss.Kind.LOST;
import static io.kumarun.kuma.StreamLoss.Kind.STILL_HELD;
import static io.kumarun.kuma.StreamLoss.Kind.UNAUTHENTICATED;
import static io.kumarun.kuma.StreamLoss.Kind.UNTRUSTED;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReconnectionTest {
  private final Reconnection reconnection = new Reconnection(Duration.ofMillis(500));

  @Test
  void pausesGrowToHalfAMinuteAndBeginAnewAfterAnAnswer() {
    assertThat(reconnection.after(LOST).pause()).isBetween(millis(250), millis(750));
    assertThat(reconnection.after(LOST).pause()).isBetween(millis(500), millis(1500));
    for (int i = 0; i < 100; i++) {
      assertThat(reconnection.after(LOST).pause()).isLessThanOrEqualTo(Duration.ofSeconds(30));
    }
    assertThat(reconnection.after(LOST).pause()).isGreaterThanOrEqualTo(Duration.ofSeconds(15));

    reconnection.answered();

    assertThat(reconnection.after(LOST).pause()).isBetween(millis(250), millis(750));
  }

  @Test
  void whileTheOldStreamIsHeldPausesStayShort() {
    for (int i = 0; i < 20; i++) {
      assertThat(reconnection.after(STILL_HELD).pause()).isLessThanOrEqualTo(millis(3000));
    }
  }

  @Test
  void aNewAuthorityBringsABootstrapAtOnceAndARefusedTokenTheThirdTime() {
    assertThat(reconnection.after(UNTRUSTED).bootstrapFirst()).isTrue();
    assertThat(reconnection.after(LOST).bootstrapFirst()).isFalse();
    assertThat(reconnection.after(UNAUTHENTICATED).bootstrapFirst()).isFalse();
    assertThat(reconnection.after(UNAUTHENTICATED).bootstrapFirst()).isFalse();
    assertThat(reconnection.after(UNAUTHENTICATED).bootstrapFirst()).isTrue();
    assertThat(reconnection.after(UNAUTHENTICATED).bootstrapFirst()).isFalse();
  }

  private static Duration millis(int millis) {
    return Duration.ofMillis(millis);
  }
}
