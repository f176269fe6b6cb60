package io.kumarun.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpiffeIdTest {
  /** The grammar of the standard, said once more in another way. */
  private static final Pattern GRAMMAR =
      Pattern.compile("spiffe://[a-z0-9._-]{1,255}(/(?!\\.{1,2}(/|$))[a-zA-Z0-9._-]+)*");

  @ParameterizedTest
  @CsvSource({
    "spiffe://default/backend, default, /backend",
    "spiffe://default.zone-1.mesh.local/workload/backend, default.zone-1.mesh.local, /workload/backend",
    "spiffe://default/backend_demo_svc_80, default, /backend_demo_svc_80",
    "spiffe://a_b/..., a_b, /...",
    "spiffe://d/.a/b., d, /.a/b.",
    "spiffe://d, d, ''"
  })
  void accepts_what_the_standard_allows(String text, String trustDomain, String path) {
    SpiffeId id = SpiffeId.parse(text);

    assertThat(id.trustDomain()).isEqualTo(trustDomain);
    assertThat(id.path()).isEqualTo(path);
    assertThat(id).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "spiffe://",
        "spiffe:///backend",
        "SPIFFE://default/backend",
        "http://default/backend",
        "spiffe://Default/backend",
        "spiffe://default:80/backend",
        "spiffe://user@default/backend",
        "spiffe://default/",
        "spiffe://default//backend",
        "spiffe://default/backend/",
        "spiffe://default/./backend",
        "spiffe://default/../backend",
        "spiffe://default/backend/..",
        "spiffe://default/back%65nd",
        "spiffe://default/back end",
        "spiffe://default/backend?a=b",
        "spiffe://default/backend#a",
        "spiffe://d\u00e9fault/backend",
        "spiffe://default/backend\u0000"
      })
  void refuses_what_the_standard_forbids(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> SpiffeId.parse(text));
  }

  @Test
  void length_limits_are_exact() {
    assertThat(SpiffeId.parse("spiffe://d/" + "a".repeat(2048 - 11)).toString()).hasSize(2048);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SpiffeId.parse("spiffe://d/" + "a".repeat(2048 - 10)));
    assertThat(SpiffeId.parse("spiffe://" + "d".repeat(255)).trustDomain()).hasSize(255);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SpiffeId.parse("spiffe://" + "d".repeat(256)));
  }

  @Test
  void agrees_with_the_grammar_on_random_texts() {
    Random random = new Random(42);
    String alphabet = "spifed://a./..-_AZ09%?";
    int accepted = 0;
    for (int i = 0; i < 100_000; i++) {
      StringBuilder text = new StringBuilder(random.nextInt(10) == 0 ? "" : "spiffe://a");
      for (int n = random.nextInt(9); n > 0; n--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      boolean expected = GRAMMAR.matcher(text).matches();
      assertThat(parses(text.toString())).as(text.toString()).isEqualTo(expected);
      accepted += expected ? 1 : 0;
    }
    assertThat(accepted).isBetween(10_000, 90_000);
  }

  private static boolean parses(String text) {
    try {
      return SpiffeId.parse(text).toString().equals(text);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
