package io.kumarun.proxy.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathNormalizerTest {

  @ParameterizedTest
  @CsvSource({
    "/a/b, /a/b",
    "/a/./b, /a/b",
    "/a/../b, /b",
    "/a/b/.., /a/",
    "/a/b/., /a/b/",
    "/.., /",
    "/../../x, /x",
    "/a/%2e%2E/b, /b",
    "/%61/b, /a/b",
    "/a%2fb, /a%2fb",
    "/a\\b, /a/b",
    "/a\\..\\b, /b",
    "/a//b, /a//b",
    "/a/..?x=/../y, /?x=/../y",
    "/...., /....",
    "/.a/..b, /.a/..b",
    "/%zz, /%zz",
    "/, /",
    "*, *",
    "/a\"<>^`|{}[]b, /a%22%3C%3E%5E%60%7C%7B%7D[]b",
  })
  void dotSegmentsAreResolved(String path, String normal) {
    assertThat(String.valueOf(PathNormalizer.normalize(AsciiString.of(path)))).isEqualTo(normal);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a/b", "?x", "/a%00"})
  void whatIsNoPathIsRefused(String path) {
    assertThat((Object) PathNormalizer.normalize(AsciiString.of(path))).isNull();
  }

  @Test
  void aNormalPathIsNotCopied() {
    AsciiString path = AsciiString.of("/a/b?c=../d");

    assertThat((Object) PathNormalizer.normalize(path)).isSameAs(path);
  }
}
