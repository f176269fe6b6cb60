package io.kumarun.tls;

/**
 * One accepted subject alternative name of a peer (Envoy's {@code SubjectAltNameMatcher}). Several
 * are alternatives; an empty list accepts any name (contract §2.5).
 */
public record SanMatcher(SanType type, Match match, String value) {

  /** The kinds of name Kuma asks for. */
  public enum SanType {
    URI,
    DNS,
    IP_ADDRESS
  }

  /** How {@link SanMatcher#value} is compared. */
  public enum Match {
    EXACT,
    PREFIX,
    SUFFIX,
    CONTAINS
  }

  /** Whether one name of the right type is accepted. Case-sensitive, as Envoy compares. */
  public boolean accepts(String name) {
    return switch (match) {
      case EXACT -> name.equals(value);
      case PREFIX -> name.startsWith(value);
      case SUFFIX -> name.endsWith(value);
      case CONTAINS -> name.contains(value);
    };
  }
}
