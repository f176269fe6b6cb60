package io.kumarun.tls;

import io.kumarun.tls.PeerRejectedException.Reason;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds a path from a leaf to one of the roots and validates it (RFC 5280 section 6, without
 * revocation).
 *
 * <p>As in Envoy (BoringSSL with partial chains) a root may be the leaf's issuer, may be reached
 * through presented intermediates, may itself be an intermediate, and may be the leaf. Unlike the
 * platform's validator, the root's own validity, purpose and name constraints count too.
 *
 * <p>The search is bounded: a peer chooses what it presents.
 */
final class CertificatePaths {
  static final int MAX_PRESENTED = 10;
  private static final int MAX_SIGNATURE_CHECKS = 40;

  private final List<X509Certificate> presented;
  private final List<X509Certificate> roots;
  private final Instant now;
  private final PeerRole peer;
  private int signatureChecks;
  private @Nullable PeerRejectedException firstFailure;

  private CertificatePaths(
      List<X509Certificate> presented, List<X509Certificate> roots, Instant now, PeerRole peer) {
    this.presented = presented;
    this.roots = roots;
    this.now = now;
    this.peer = peer;
  }

  /**
   * @param presented leaf first, then intermediates in any order
   * @return the path, leaf first, root last
   */
  static List<X509Certificate> find(
      List<X509Certificate> presented, List<X509Certificate> roots, Instant now, PeerRole peer)
      throws PeerRejectedException {
    CertificatePaths search = new CertificatePaths(presented, roots, now, peer);
    X509Certificate leaf = presented.getFirst();
    requireUsable(leaf, now, peer, "the peer's certificate");
    List<X509Certificate> path = search.extend(List.of(leaf));
    if (path != null) {
      return path;
    }
    throw search.firstFailure != null
        ? search.firstFailure
        : new PeerRejectedException(
            Reason.UNKNOWN_AUTHORITY,
            "the peer's certificate "
                + describe(leaf)
                + " is issued by "
                + name(search.lastIssuer())
                + ", which is not among the "
                + roots.size()
                + " accepted authorities");
  }

  /** The issuer at which a simple presented chain breaks off. */
  private X509Certificate lastIssuer() {
    X509Certificate last = presented.getFirst();
    for (X509Certificate next : presented) {
      if (next.getSubjectX500Principal().equals(last.getIssuerX500Principal())) {
        last = next;
      }
    }
    return last;
  }

  private @Nullable List<X509Certificate> extend(List<X509Certificate> path) {
    X509Certificate last = path.getLast();
    if (path.size() == 1 && roots.contains(last)) {
      return path;
    }
    for (X509Certificate root : roots) {
      if (issued(root, last)) {
        List<X509Certificate> complete = append(path, root);
        if (isValid(complete)) {
          return complete;
        }
      }
    }
    for (X509Certificate candidate : presented) {
      if (!path.contains(candidate) && issued(candidate, last) && isUsable(candidate)) {
        List<X509Certificate> found = extend(append(path, candidate));
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }

  private boolean issued(X509Certificate issuer, X509Certificate certificate) {
    return issuer.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())
        && signatureChecks++ < MAX_SIGNATURE_CHECKS
        && isSignedBy(certificate, issuer);
  }

  private static boolean isSignedBy(X509Certificate certificate, X509Certificate issuer) {
    try {
      certificate.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException | RuntimeException e) {
      return false;
    }
  }

  private boolean isUsable(X509Certificate authority) {
    try {
      requireUsable(authority, now, peer, "the authority " + subject(authority));
      return true;
    } catch (PeerRejectedException e) {
      remember(e);
      return false;
    }
  }

  private boolean isValid(List<X509Certificate> path) {
    X509Certificate root = path.getLast();
    if (!isUsable(root)) {
      return false;
    }
    boolean selfSigned =
        root.getSubjectX500Principal().equals(root.getIssuerX500Principal())
            && isSignedBy(root, root);
    // A version 1 certificate cannot say that it is an authority: accepted only as a root.
    if (root.getBasicConstraints() < 0 && !(selfSigned && root.getVersion() < 3)) {
      return refuse(subject(root) + " is no certificate authority (basic constraints)");
    }
    boolean constrainedByRoot = selfSigned && root.getVersion() >= 3;
    TrustAnchor anchor =
        constrainedByRoot
            // The root is validated like the rest, so that its constraints bind the path.
            ? new TrustAnchor(root.getSubjectX500Principal(), root.getPublicKey(), null)
            : new TrustAnchor(root, null);
    try {
      PKIXParameters parameters = new PKIXParameters(Set.of(anchor));
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(now));
      CertPathValidator.getInstance("PKIX")
          .validate(
              CertificateFactory.getInstance("X.509")
                  .generateCertPath(constrainedByRoot ? path : path.subList(0, path.size() - 1)),
              parameters);
      return true;
    } catch (GeneralSecurityException | RuntimeException e) {
      String problem = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      return refuse(
          "the chain of "
              + describe(path.getFirst())
              + " to "
              + subject(root)
              + " is not valid: "
              + SubjectNames.printable(problem));
    }
  }

  private boolean refuse(String sentence) {
    remember(new PeerRejectedException(Reason.UNKNOWN_AUTHORITY, sentence));
    return false;
  }

  private void remember(PeerRejectedException failure) {
    if (firstFailure == null) {
      firstFailure = failure;
    }
  }

  private static void requireUsable(
      X509Certificate certificate, Instant now, PeerRole peer, String what)
      throws PeerRejectedException {
    requireInTime(certificate, now, what);
    List<String> purposes;
    try {
      purposes = certificate.getExtendedKeyUsage();
    } catch (CertificateParsingException | RuntimeException e) {
      throw new PeerRejectedException(Reason.UNREADABLE, what + " has a broken extended key usage");
    }
    // BoringSSL checks every certificate of the path, and does not take anyExtendedKeyUsage.
    if (purposes != null && !purposes.contains(peer.keyPurposeId())) {
      throw new PeerRejectedException(
          Reason.PURPOSE,
          what + " is not for " + peer.purpose() + " (its extended key usage is " + purposes + ")");
    }
  }

  /** Whether each certificate of a path is in its time. */
  static void requireInTime(List<X509Certificate> path, Instant now) throws PeerRejectedException {
    for (int i = 0; i < path.size(); i++) {
      X509Certificate certificate = path.get(i);
      requireInTime(
          certificate,
          now,
          i == 0 ? "the peer's certificate" : "the authority " + subject(certificate));
    }
  }

  /** Says no time of today: the same refusal has the same words, and a log has its own clock. */
  private static void requireInTime(X509Certificate certificate, Instant now, String what)
      throws PeerRejectedException {
    Instant notBefore = certificate.getNotBefore().toInstant();
    if (now.isBefore(notBefore)) {
      throw new PeerRejectedException(
          Reason.NOT_YET_VALID, what + " is not valid before " + notBefore);
    }
    Instant notAfter = certificate.getNotAfter().toInstant();
    if (now.isAfter(notAfter)) {
      throw new PeerRejectedException(Reason.EXPIRED, what + " expired at " + notAfter);
    }
  }

  private static List<X509Certificate> append(List<X509Certificate> path, X509Certificate next) {
    List<X509Certificate> longer = new ArrayList<>(path.size() + 1);
    longer.addAll(path);
    longer.add(next);
    return longer;
  }

  private static String describe(X509Certificate leaf) {
    return "with serial " + leaf.getSerialNumber().toString(16);
  }

  private static String name(X509Certificate certificate) {
    return quoted(certificate.getIssuerX500Principal().getName());
  }

  private static String subject(X509Certificate certificate) {
    return quoted(certificate.getSubjectX500Principal().getName());
  }

  private static String quoted(String name) {
    return name.isEmpty() ? "(no name)" : "'" + SubjectNames.printable(name) + "'";
  }
}
