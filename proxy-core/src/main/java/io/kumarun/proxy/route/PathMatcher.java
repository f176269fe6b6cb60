package io.kumarun.proxy.route;

import com.google.re2j.Pattern;
import io.kumarun.proxy.config.RouteTableConfig.PathMatch;
import io.netty.util.AsciiString;

/** A compiled {@link PathMatch}. */
sealed interface PathMatcher {

  boolean matches(AsciiString path);

  /** Called only on a path that matches. */
  int matchedLength(AsciiString path);

  static PathMatcher compile(PathMatch match) {
    return switch (match) {
      case PathMatch.Prefix(String prefix) -> new Prefix(new AsciiString(prefix));
      case PathMatch.Exact(String path) -> new Exact(new AsciiString(path));
      case PathMatch.Regex(String regex) -> new Regex(Pattern.compile(regex));
    };
  }

  record Prefix(AsciiString prefix) implements PathMatcher {
    @Override
    public boolean matches(AsciiString path) {
      return path.length() >= prefix.length()
          && path.regionMatches(false, 0, prefix, 0, prefix.length());
    }

    @Override
    public int matchedLength(AsciiString path) {
      return prefix.length();
    }
  }

  record Exact(AsciiString exact) implements PathMatcher {
    @Override
    public boolean matches(AsciiString path) {
      return path.contentEquals(exact);
    }

    @Override
    public int matchedLength(AsciiString path) {
      return path.length();
    }
  }

  record Regex(Pattern pattern) implements PathMatcher {
    @Override
    public boolean matches(AsciiString path) {
      return pattern.matches(path.toString());
    }

    @Override
    public int matchedLength(AsciiString path) {
      return path.length();
    }
  }
}
