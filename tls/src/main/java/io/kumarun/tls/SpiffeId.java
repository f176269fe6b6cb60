package io.kumarun.tls;

import org.jspecify.annotations.Nullable;

/**
 * A SPIFFE ID, {@code spiffe://trust-domain/path}, parsed as strictly as the SPIFFE-ID standard
 * (sections 2.1 to 2.3) demands: ASCII, at most 2048 bytes, lower-case trust domain, no empty or
 * relative path segment, nothing percent-encoded, no port, query or fragment.
 *
 * @param trustDomain for example {@code default.zone-1.mesh.local}
 * @param path empty for the trust domain itself, otherwise begins with a slash
 */
public record SpiffeId(String trustDomain, String path) {
  private static final String SCHEME = "spiffe://";
  private static final int MAX_LENGTH = 2048;
  private static final int MAX_TRUST_DOMAIN_LENGTH = 255;

  public SpiffeId {
    String problem = problem(trustDomain, path);
    if (problem != null) {
      throw new IllegalArgumentException(problem);
    }
  }

  /**
   * @throws IllegalArgumentException with the reason; it quotes nothing of the text
   */
  public static SpiffeId parse(String text) {
    if (!text.startsWith(SCHEME)) {
      throw new IllegalArgumentException("a SPIFFE ID begins with spiffe://");
    }
    int slash = text.indexOf('/', SCHEME.length());
    return slash < 0
        ? new SpiffeId(text.substring(SCHEME.length()), "")
        : new SpiffeId(text.substring(SCHEME.length(), slash), text.substring(slash));
  }

  @Override
  public String toString() {
    return SCHEME + trustDomain + path;
  }

  private static @Nullable String problem(String trustDomain, String path) {
    if (SCHEME.length() + trustDomain.length() + path.length() > MAX_LENGTH) {
      return "a SPIFFE ID has at most " + MAX_LENGTH + " bytes";
    }
    if (trustDomain.isEmpty() || trustDomain.length() > MAX_TRUST_DOMAIN_LENGTH) {
      return "a trust domain has 1 to " + MAX_TRUST_DOMAIN_LENGTH + " characters";
    }
    for (int i = 0; i < trustDomain.length(); i++) {
      if (!isTrustDomainChar(trustDomain.charAt(i))) {
        return "a trust domain consists of a-z, 0-9, dots, dashes and underscores";
      }
    }
    return path.isEmpty() ? null : pathProblem(path);
  }

  private static @Nullable String pathProblem(String path) {
    if (path.charAt(0) != '/') {
      return "a SPIFFE path begins with a slash";
    }
    int start = 1;
    for (int i = 1; i <= path.length(); i++) {
      if (i < path.length() && path.charAt(i) != '/') {
        if (!isPathChar(path.charAt(i))) {
          return "a SPIFFE path consists of letters, digits, dots, dashes and underscores";
        }
        continue;
      }
      if (i == start) {
        return "a SPIFFE path has no empty segment and no slash at its end";
      }
      if (path.startsWith(".", start)
          && (i - start == 1 || (i - start == 2 && path.charAt(start + 1) == '.'))) {
        return "a SPIFFE path has no segment . or ..";
      }
      start = i + 1;
    }
    return null;
  }

  private static boolean isTrustDomainChar(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  }

  private static boolean isPathChar(char c) {
    return isTrustDomainChar(c) || (c >= 'A' && c <= 'Z');
  }
}
