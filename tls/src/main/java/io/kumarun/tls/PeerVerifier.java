package io.kumarun.tls;

import io.kumarun.tls.PeerRejectedException.Reason;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Decides whether a peer's certificate chain proves what a {@link PeerValidation} asks for, with
 * the semantics of Envoy's default and SPIFFE certificate validators. Pure: any thread, no state.
 *
 * <p>Two rules are stricter than Envoy's: with {@link TrustBundle.SpiffeBundles} every {@code
 * spiffe:} name of the leaf must lie in the trust domain whose roots are used (Envoy looks at the
 * first name only, and would then accept the others unchecked), and the extended key usage is
 * checked with both kinds of bundle. URI names of another scheme may stand beside the SPIFFE ID:
 * the certificates of Kuma's mesh-wide mTLS carry {@code kuma:} names, and the control plane
 * combines them with a SPIFFE bundle while a mesh migrates (contract §2.5).
 */
public final class PeerVerifier {
  private static final int KEY_CERT_SIGN = 5;
  private static final int CRL_SIGN = 6;

  private PeerVerifier() {}

  /**
   * @param presented the peer's chain, leaf first
   * @throws PeerRejectedException with a sentence for the operator
   */
  public static PeerIdentity verify(
      List<X509Certificate> presented, PeerValidation validation, Instant now, PeerRole peer)
      throws PeerRejectedException {
    return verifyChain(presented, validation, now, peer).identity();
  }

  /**
   * A peer that passed every check.
   *
   * @param path leaf first, root last: what of the verdict depends on time
   */
  record Verified(PeerIdentity identity, List<X509Certificate> path) {
    Verified {
      path = List.copyOf(path);
    }
  }

  static Verified verifyChain(
      List<X509Certificate> presented, PeerValidation validation, Instant now, PeerRole peer)
      throws PeerRejectedException {
    if (presented.isEmpty()) {
      throw new PeerRejectedException(
          Reason.NO_CERTIFICATE, "the peer did not present a certificate");
    }
    if (presented.size() > CertificatePaths.MAX_PRESENTED) {
      throw new PeerRejectedException(
          Reason.UNREADABLE,
          "the peer presents "
              + presented.size()
              + " certificates, at most "
              + CertificatePaths.MAX_PRESENTED
              + " are read");
    }
    List<X509Certificate> chain = platformCertificates(presented);
    X509Certificate leaf = chain.getFirst();
    SubjectNames names = SubjectNames.of(leaf);
    List<X509Certificate> roots =
        switch (validation.trust()) {
          case TrustBundle.Authorities bundle -> bundle.roots();
          case TrustBundle.SpiffeBundles bundles -> rootsOfTrustDomain(leaf, names, bundles);
        };
    List<X509Certificate> path;
    try {
      path = CertificatePaths.find(chain, roots, now, peer);
    } catch (PeerRejectedException e) {
      throw new PeerRejectedException(e.reason(), e.sentence() + "; it presents " + names.shown());
    }
    requireAcceptedName(names, validation);
    return new Verified(
        new PeerIdentity(
            names.uris(),
            names.dnsNames(),
            sha256(leaf),
            leaf.getSerialNumber(),
            leaf.getNotAfter().toInstant()),
        path);
  }

  /** TLS engines have certificate classes of their own; validation needs the platform's. */
  private static List<X509Certificate> platformCertificates(List<X509Certificate> presented)
      throws PeerRejectedException {
    List<X509Certificate> chain = new ArrayList<>(presented.size());
    for (X509Certificate certificate : presented) {
      try {
        chain.add(X509Der.decode(certificate.getEncoded()));
      } catch (CertificateException | RuntimeException e) {
        throw new PeerRejectedException(
            Reason.UNREADABLE,
            "certificate " + (chain.size() + 1) + " of the peer's chain cannot be read");
      }
    }
    return chain;
  }

  private static List<X509Certificate> rootsOfTrustDomain(
      X509Certificate leaf, SubjectNames names, TrustBundle.SpiffeBundles bundles)
      throws PeerRejectedException {
    requireLeaf(leaf);
    SpiffeId id = spiffeId(names);
    List<X509Certificate> roots = bundles.rootsByTrustDomain().get(id.trustDomain());
    if (roots == null) {
      throw new PeerRejectedException(
          Reason.UNKNOWN_AUTHORITY,
          "peer presents "
              + id
              + ", its trust domain "
              + id.trustDomain()
              + " is unknown here; known: "
              + shown(bundles.rootsByTrustDomain().keySet()));
    }
    return roots;
  }

  /** X509-SVID section 5.2, as Envoy's SPIFFE validator checks it before all else. */
  private static void requireLeaf(X509Certificate leaf) throws PeerRejectedException {
    boolean[] usage = leaf.getKeyUsage();
    if (leaf.getBasicConstraints() >= 0
        || (usage != null && (usage[KEY_CERT_SIGN] || usage[CRL_SIGN]))) {
      throw new PeerRejectedException(
          Reason.PURPOSE,
          "the peer's certificate is one of a certificate authority, not of a workload");
    }
  }

  private static SpiffeId spiffeId(SubjectNames names) throws PeerRejectedException {
    if (names.uris().isEmpty()) {
      throw new PeerRejectedException(
          Reason.NAME,
          "peer presents no URI name, a SPIFFE ID is needed; it presents " + names.shown());
    }
    SpiffeId first = parse(names.uris().getFirst());
    for (String uri : names.uris()) {
      if (uri.regionMatches(true, 0, "spiffe:", 0, "spiffe:".length())
          && !parse(uri).trustDomain().equals(first.trustDomain())) {
        throw new PeerRejectedException(
            Reason.NAME, "peer presents names of several trust domains: " + names.shown());
      }
    }
    return first;
  }

  private static SpiffeId parse(String uri) throws PeerRejectedException {
    SpiffeId id;
    try {
      id = SpiffeId.parse(uri);
    } catch (IllegalArgumentException e) {
      throw new PeerRejectedException(
          Reason.NAME,
          "peer presents "
              + SubjectNames.printable(uri)
              + ", which is no SPIFFE ID: "
              + e.getMessage());
    }
    if (id.path().isEmpty()) {
      throw new PeerRejectedException(
          Reason.NAME, "peer presents " + id + ", which names a trust domain and no workload");
    }
    return id;
  }

  private static void requireAcceptedName(SubjectNames names, PeerValidation validation)
      throws PeerRejectedException {
    List<SanMatcher> accepted = validation.accepted();
    if (accepted.isEmpty()) {
      return;
    }
    boolean uriOnly = validation.trust() instanceof TrustBundle.SpiffeBundles;
    for (SanMatcher matcher : accepted) {
      if ((!uriOnly || matcher.type() == SanMatcher.SanType.URI) && names.accepts(matcher)) {
        return;
      }
    }
    throw new PeerRejectedException(
        Reason.NAME, "peer presents " + names.shown() + ", accepted: " + describe(accepted));
  }

  private static String describe(List<SanMatcher> matchers) {
    return matchers.stream()
        .map(
            m ->
                (m.type() == SanMatcher.SanType.URI ? "" : m.type() + " ")
                    + m.match().name().toLowerCase(Locale.ROOT)
                    + " "
                    + m.value())
        .collect(Collectors.joining(" or "));
  }

  private static String shown(Collection<String> trustDomains) {
    return trustDomains.isEmpty()
        ? "none"
        : trustDomains.stream().sorted().collect(Collectors.joining(", "));
  }

  private static String sha256(X509Certificate leaf) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(leaf.getEncoded()));
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a parsed certificate has its encoding", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
