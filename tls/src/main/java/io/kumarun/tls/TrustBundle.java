package io.kumarun.tls;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;

/** The authorities a peer's chain may end in. Immutable; any thread. */
public sealed interface TrustBundle {

  /** One set of roots for every peer: Envoy's {@code trusted_ca}. */
  record Authorities(List<X509Certificate> roots) implements TrustBundle {
    public Authorities {
      roots = List.copyOf(roots);
    }
  }

  /**
   * Roots per trust domain: Envoy's SPIFFE certificate validator. The peer's only URI SAN names the
   * trust domain, and the chain is checked against that domain's roots alone.
   */
  record SpiffeBundles(Map<String, List<X509Certificate>> rootsByTrustDomain)
      implements TrustBundle {
    public SpiffeBundles {
      rootsByTrustDomain = Map.copyOf(rootsByTrustDomain);
    }
  }
}
