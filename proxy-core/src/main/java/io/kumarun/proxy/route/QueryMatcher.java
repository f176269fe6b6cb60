package io.kumarun.proxy.route;

import io.kumarun.proxy.config.RouteTableConfig.QueryMatch;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/** A compiled {@link QueryMatch}: the first value of a parameter, nothing decoded. */
final class QueryMatcher {
  private final AsciiString name;
  private final ValueMatcher value;

  private QueryMatcher(QueryMatch config) {
    this.name = new AsciiString(config.name());
    this.value = ValueMatcher.compile(config.value());
  }

  static QueryMatcher compile(QueryMatch config) {
    return new QueryMatcher(config);
  }

  boolean matches(AsciiString path) {
    AsciiString actual = firstValue(path);
    return actual != null && value.matches(actual);
  }

  private @Nullable AsciiString firstValue(AsciiString path) {
    int at = path.indexOf('?', 0);
    if (at < 0) {
      return null;
    }
    int fragment = path.indexOf('#', at);
    int end = fragment < 0 ? path.length() : fragment;
    int start = at + 1;
    while (start <= end) {
      int stop = path.indexOf('&', start);
      if (stop < 0 || stop > end) {
        stop = end;
      }
      int equals = path.indexOf('=', start);
      int nameEnd = equals >= 0 && equals < stop ? equals : stop;
      if (nameEnd - start == name.length()
          && path.regionMatches(false, start, name, 0, name.length())) {
        return nameEnd == stop
            ? AsciiString.EMPTY_STRING
            : path.subSequence(nameEnd + 1, stop, false);
      }
      start = stop + 1;
    }
    return null;
  }
}
