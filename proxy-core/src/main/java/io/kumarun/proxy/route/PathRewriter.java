package io.kumarun.proxy.route;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.kumarun.proxy.config.RouteTableConfig.RegexRewrite;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/** What a route makes of a path. The query is kept. */
sealed interface PathRewriter {

  /**
   * @param path with its query
   * @param matched how many bytes of it the route matched
   */
  AsciiString rewrite(AsciiString path, int matched);

  static @Nullable PathRewriter of(@Nullable String prefix, @Nullable RegexRewrite regex) {
    if (prefix != null) {
      return new Prefix(new AsciiString(prefix));
    }
    if (regex != null) {
      return new Regex(
          Pattern.compile(regex.regex()), RegexSubstitution.toRe2j(regex.substitution()));
    }
    return null;
  }

  /** Puts the text in place of what was matched, as it is (contract §3.1: `/x/` may become `/`). */
  record Prefix(AsciiString replacement) implements PathRewriter {
    @Override
    public AsciiString rewrite(AsciiString path, int matched) {
      return replacement.concat(path.subSequence(matched, path.length(), false));
    }
  }

  /** Replaces every match in the path without its query. */
  record Regex(Pattern pattern, String substitution) implements PathRewriter {
    @Override
    public AsciiString rewrite(AsciiString path, int matched) {
      AsciiString bare = RouteTable.withoutQuery(path);
      Matcher matcher = pattern.matcher(bare.toString());
      StringBuilder replaced = new StringBuilder();
      int lastEnd = -1;
      while (matcher.find()) {
        // RE2::GlobalReplace, which Envoy uses, takes no empty match where the last one ended.
        if (matcher.start() != matcher.end() || matcher.start() != lastEnd) {
          matcher.appendReplacement(replaced, substitution);
        }
        lastEnd = matcher.end();
      }
      matcher.appendTail(replaced);
      return new AsciiString(replaced)
          .concat(path.subSequence(bare.length(), path.length(), false));
    }
  }
}
