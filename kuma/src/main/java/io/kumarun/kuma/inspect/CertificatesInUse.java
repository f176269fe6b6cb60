package io.kumarun.kuma.inspect;

import io.kumarun.proxy.config.ClusterConfig;
import io.kumarun.proxy.config.FilterChainConfig;
import io.kumarun.proxy.config.ListenerConfig;
import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.tls.PeerValidation;
import io.kumarun.tls.TlsCertificate;
import io.kumarun.tls.TrustBundle;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The certificates that listeners and clusters show, and the authorities they check peers with.
 * Immutable; any thread.
 *
 * @param own each once, those of the mesh first (they carry a SPIFFE id)
 * @param authorities each set once
 */
public record CertificatesInUse(List<TlsCertificate> own, List<List<X509Certificate>> authorities) {
  public CertificatesInUse {
    own = List.copyOf(own);
    authorities = List.copyOf(authorities);
  }

  /** Collects them from a configuration. */
  public static CertificatesInUse of(MeshConfig config) {
    Set<TlsCertificate> own = new LinkedHashSet<>();
    Set<List<X509Certificate>> authorities = new LinkedHashSet<>();
    for (ListenerConfig listener : config.listeners().values()) {
      for (FilterChainConfig chain : listener.filterChains()) {
        if (chain.tls() != null) {
          own.add(chain.tls().certificate());
          collect(chain.tls().peerValidation(), authorities);
        }
      }
    }
    for (ClusterConfig cluster : config.clusters().values()) {
      if (cluster.tls() != null) {
        if (cluster.tls().certificate() != null) {
          own.add(cluster.tls().certificate());
        }
        collect(cluster.tls().peerValidation(), authorities);
      }
    }
    List<TlsCertificate> sorted =
        own.stream()
            .sorted((a, b) -> Boolean.compare(a.uriSans().isEmpty(), b.uriSans().isEmpty()))
            .toList();
    return new CertificatesInUse(sorted, List.copyOf(authorities));
  }

  private static void collect(
      @Nullable PeerValidation validation, Collection<List<X509Certificate>> authorities) {
    switch (validation == null ? null : validation.trust()) {
      case null -> {
        // Nobody is checked.
      }
      case TrustBundle.Authorities plain -> authorities.add(plain.roots());
      case TrustBundle.SpiffeBundles bundles ->
          authorities.addAll(bundles.rootsByTrustDomain().values());
    }
  }
}
