package io.kumarun.tls;

import io.kumarun.tls.PeerRejectedException.Reason;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The verdicts of one validation context. Everything in a verdict but time is a fact about the
 * presented bytes, so a chain that was accepted once is afterwards only checked against the clock:
 * the check per connection, and the next connections of the same peer, cost a hash instead of
 * signatures. Refusals are not kept. Any thread; bounded.
 */
final class VerifiedPeers {
  private static final int MAX_ENTRIES = 512;

  private final PeerValidation validation;
  private final PeerRole peer;
  private final ConcurrentHashMap<ByteBuffer, PeerVerifier.Verified> verdicts =
      new ConcurrentHashMap<>();

  VerifiedPeers(PeerValidation validation, PeerRole peer) {
    this.validation = validation;
    this.peer = peer;
  }

  PeerValidation validation() {
    return validation;
  }

  PeerIdentity verify(List<X509Certificate> presented, Instant now) throws PeerRejectedException {
    ByteBuffer key = key(presented);
    PeerVerifier.Verified known = verdicts.get(key);
    if (known != null && isInTime(known, now)) {
      return known.identity();
    }
    // Out of time, another path may exist: a renewed authority keeps its name and key.
    verdicts.remove(key);
    PeerVerifier.Verified verified = PeerVerifier.verifyChain(presented, validation, now, peer);
    if (verdicts.size() >= MAX_ENTRIES) {
      verdicts.clear();
    }
    verdicts.put(key, verified);
    return verified.identity();
  }

  private static boolean isInTime(PeerVerifier.Verified known, Instant now) {
    try {
      CertificatePaths.requireInTime(known.path(), now);
      return true;
    } catch (PeerRejectedException e) {
      return false;
    }
  }

  private static ByteBuffer key(List<X509Certificate> presented) throws PeerRejectedException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (X509Certificate certificate : presented) {
        // DER says its own length: the concatenation has one reading only.
        digest.update(certificate.getEncoded());
      }
      return ByteBuffer.wrap(digest.digest());
    } catch (CertificateEncodingException e) {
      throw new PeerRejectedException(Reason.UNREADABLE, "the peer's chain cannot be read");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
