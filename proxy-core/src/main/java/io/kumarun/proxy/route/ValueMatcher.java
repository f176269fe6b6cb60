package io.kumarun.proxy.route;

import com.google.re2j.Pattern;
import io.kumarun.proxy.config.RouteTableConfig.ValueMatch;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/** A compiled {@link ValueMatch}, for a value that is there. Immutable; any thread. */
final class ValueMatcher {
  private final ValueMatch config;
  private final @Nullable Pattern pattern;

  private ValueMatcher(ValueMatch config) {
    this.config = config;
    this.pattern = config instanceof ValueMatch.Regex(String regex) ? Pattern.compile(regex) : null;
  }

  static ValueMatcher compile(ValueMatch config) {
    return new ValueMatcher(config);
  }

  /** Whether it is enough that the value is there. */
  boolean asksForPresence() {
    return config instanceof ValueMatch.Present;
  }

  boolean matches(AsciiString actual) {
    return switch (config) {
      case ValueMatch.Present() -> true;
      case ValueMatch.Exact(String exact) -> actual.contentEquals(exact);
      case ValueMatch.Prefix(String prefix) ->
          actual.length() >= prefix.length()
              && actual.regionMatches(false, 0, prefix, 0, prefix.length());
      case ValueMatch.Regex ignored -> pattern != null && pattern.matches(actual.toString());
    };
  }
}
