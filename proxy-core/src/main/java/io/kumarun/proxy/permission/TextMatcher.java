package io.kumarun.proxy.permission;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.kumarun.proxy.config.PermissionConfig.StringMatch;

/** A compiled {@link StringMatch}. */
interface TextMatcher {

  boolean matches(String text);

  /**
   * @throws IllegalArgumentException if a regular expression is not RE2
   */
  static TextMatcher compile(StringMatch match) {
    return switch (match) {
      case StringMatch.Exact(String value) -> value::equals;
      case StringMatch.Prefix(String prefix) -> text -> text.startsWith(prefix);
      case StringMatch.Suffix(String suffix) -> text -> text.endsWith(suffix);
      case StringMatch.Contains(String part) -> text -> text.contains(part);
      case StringMatch.Regex(String regex) -> {
        Pattern pattern;
        try {
          pattern = Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
          throw new IllegalArgumentException(
              "\"" + regex + "\" is not an RE2 expression: " + e.getDescription(), e);
        }
        yield pattern::matches;
      }
    };
  }
}
