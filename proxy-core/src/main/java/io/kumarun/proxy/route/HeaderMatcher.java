package io.kumarun.proxy.route;

import io.kumarun.proxy.config.RouteTableConfig.HeaderMatch;
import io.kumarun.proxy.http.HeaderMap;
import io.netty.util.AsciiString;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A compiled {@link HeaderMatch}. Several fields of one name are compared as one value joined by
 * commas, as Envoy does (config.route.v3.HeaderMatcher).
 */
final class HeaderMatcher {
  private final AsciiString name;
  private final ValueMatcher value;
  private final boolean invert;

  private HeaderMatcher(HeaderMatch config) {
    this.name = new AsciiString(config.name().toLowerCase(Locale.ROOT));
    this.value = ValueMatcher.compile(config.value());
    this.invert = config.invert();
  }

  static HeaderMatcher compile(HeaderMatch config) {
    return new HeaderMatcher(config);
  }

  boolean matches(HeaderMap headers) {
    AsciiString actual = joined(headers);
    if (actual == null) {
      // An absent header matches nothing but Envoy's present_match: false.
      return invert && value.asksForPresence();
    }
    return value.matches(actual) != invert;
  }

  private @Nullable AsciiString joined(HeaderMap headers) {
    int first = headers.indexOf(name, 0);
    if (first < 0) {
      return null;
    }
    int next = headers.indexOf(name, first + 1);
    if (next < 0) {
      return headers.value(first);
    }
    AsciiString all = headers.value(first);
    while (next >= 0) {
      all = all.concat(",").concat(headers.value(next));
      next = headers.indexOf(name, next + 1);
    }
    return all;
  }
}
