package io.kumarun.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvoyAccessLogFormatTest {
  private final LoggedRequestForTest request = new LoggedRequestForTest();

  /** The expected lines are what Envoy 1.40 wrote for the same exchanges. */
  @Test
  void theDefaultIsEnvoysLine() {
    request.startTime = Instant.parse("2026-11-24T17:26:53.308Z").toEpochMilli();
    request.code = 504;
    request.flags.add(ResponseFlag.SI);
    request.upstreamHost = "127.0.0.1:18081";
    request.requestHeaders.put(":method", "GET");
    request.requestHeaders.put(":path", "/hang");
    request.requestHeaders.put(":authority", "localhost:18080");
    request.requestHeaders.put("user-agent", "curl/7.88.1");
    request.requestHeaders.put("x-request-id", "48a3eca9-764f-49c4-b0f7-876ade15192c");

    assertThat(EnvoyAccessLogFormat.DEFAULT.format(request))
        .isEqualTo(
            "[2026-11-24T17:26:53.308Z] \"GET /hang HTTP/1.1\" 504 SI 3 14 12 - \"-\""
                + " \"curl/7.88.1\" \"48a3eca9-764f-49c4-b0f7-876ade15192c\""
                + " \"localhost:18080\" \"127.0.0.1:18081\"\n");
  }

  @Test
  void aRequestOfWhichNothingIsKnown() {
    request.startTime = Instant.parse("2026-11-24T17:26:58.088Z").toEpochMilli();
    request.code = 408;

    assertThat(EnvoyAccessLogFormat.DEFAULT.format(request))
        .isEqualTo(
            "[2026-11-24T17:26:58.088Z] \"- - HTTP/1.1\" 408 - 3 14 12 -"
                + " \"-\" \"-\" \"-\" \"-\" \"-\"\n");
  }

  @Test
  void theOriginalPathIsPreferredToARewrittenOne() {
    request.requestHeaders.put(":path", "/new");
    assertThat(format("%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%")).isEqualTo("/new");
    request.requestHeaders.put("x-envoy-original-path", "/old");
    assertThat(format("%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%")).isEqualTo("/old");
  }

  @Test
  void severalFlagsComeInEnvoysOrder() {
    request.flags.add(ResponseFlag.NC);
    request.flags.add(ResponseFlag.UF);
    request.flags.add(ResponseFlag.DC);
    assertThat(format("%RESPONSE_FLAGS%")).isEqualTo("UF,DC,NC");
  }

  @Test
  void everyFlagIsPrinted() {
    for (ResponseFlag flag : ResponseFlag.values()) {
      request.flags.clear();
      request.flags.add(flag);
      assertThat(format("%RESPONSE_FLAGS%")).isEqualTo(flag.name());
    }
  }

  @Test
  void aPeerCannotForgeARecord() {
    request.requestHeaders.put("user-agent", "a\" 200\r\n[x] \\ \u00e9\u001b[31m\u2028");
    assertThat(format("\"%REQ(USER-AGENT)%\""))
        .isEqualTo("\"a\\\" 200\\x0d\\x0a[x] \\\\ \\xe9\\x1b[31m\\u2028\"");
  }

  @Test
  void aLengthCutsTheValue() {
    request.responseHeaders.put("server", "envoy");
    assertThat(format("%RESP(SERVER):3%|%RESP(X):3%")).isEqualTo("env|-");
  }

  @Test
  void textOfTheFormatIsKeptWithPercentSignsAndOtherAlphabets() {
    assertThat(format("100%% über %RESPONSE_CODE%")).isEqualTo("100% über 200");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          %TRACE_ID%              | %TRACE_ID%
          a %REQ(X                | %REQ(X
          %REQ()%                 | %REQ()%
          %REQ(A?)%               | %REQ(A?)%
          %REQ(A):x%              | %REQ(A):x%
          %RESP(A)5%              | %RESP(A)5%
          %START_TIME(%s)%        | %START_TIME(%s)%
          50 % of                 | % of
          """)
  void anOperatorThatIsNotKnownIsNamed(String format, String named) {
    assertThatThrownBy(() -> EnvoyAccessLogFormat.parse(format))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(named);
  }

  @Test
  void timesAreThoseOfTheCalendar() {
    DateTimeFormatter reference =
        DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    Random random = new Random(4);
    long[] edges = {0, -1, Instant.parse("2024-02-29T23:59:59.999Z").toEpochMilli()};
    for (int i = 0; i < 20_000; i++) {
      request.startTime =
          i < edges.length ? edges[i] : random.nextLong(-30_000_000_000_000L, 60_000_000_000_000L);
      assertThat(format("%START_TIME%"))
          .isEqualTo(reference.format(Instant.ofEpochMilli(request.startTime)));
    }
  }

  private String format(String format) {
    return EnvoyAccessLogFormat.parse(format).format(request);
  }
}
