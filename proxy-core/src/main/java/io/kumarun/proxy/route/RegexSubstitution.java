package io.kumarun.proxy.route;

/**
 * Substitutions as Envoy writes them ({@code \1}), turned into the form RE2/J takes ({@code $1}).
 */
final class RegexSubstitution {
  private RegexSubstitution() {}

  static String toRe2j(String substitution) {
    StringBuilder out = new StringBuilder(substitution.length() + 8);
    for (int i = 0; i < substitution.length(); i++) {
      char c = substitution.charAt(i);
      boolean more = i + 1 < substitution.length();
      if (c == '\\' && more && Character.isDigit(substitution.charAt(i + 1))) {
        out.append('$').append(substitution.charAt(++i));
      } else if (c == '\\' && more && substitution.charAt(i + 1) == '\\') {
        out.append("\\\\");
        i++;
      } else if (c == '$' || c == '\\') {
        out.append('\\').append(c);
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }
}
