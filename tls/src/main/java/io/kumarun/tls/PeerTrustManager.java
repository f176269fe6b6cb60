package io.kumarun.tls;

import io.netty.handler.ssl.OpenSslCertificateException;
import io.netty.internal.tcnative.CertificateVerifier;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Judges the peer within a full handshake, so that a refused peer gets the TLS alert that says why.
 * Resumed handshakes never come here: {@link PeerIdentityHandler} judges every connection.
 */
final class PeerTrustManager extends X509ExtendedTrustManager {
  private final @Nullable VerifiedPeers peers;
  private final InstantSource clock;

  /**
   * @param peers null accepts every chain: the validation context is absent
   */
  PeerTrustManager(@Nullable VerifiedPeers peers, InstantSource clock) {
    this.peers = peers;
    this.clock = clock;
  }

  private void check(X509Certificate[] chain) throws CertificateException {
    if (peers == null) {
      return;
    }
    try {
      peers.verify(List.of(chain), clock.instant());
    } catch (PeerRejectedException e) {
      throw new OpenSslCertificateException(e.getMessage(), e, alertCode(e.reason()));
    }
  }

  /** The X.509 error from which BoringSSL derives the alert (RFC 8446 section 6.2). */
  private static int alertCode(PeerRejectedException.Reason reason) {
    return switch (reason) {
      case UNKNOWN_AUTHORITY -> CertificateVerifier.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
      case EXPIRED -> CertificateVerifier.X509_V_ERR_CERT_HAS_EXPIRED;
      case NOT_YET_VALID -> CertificateVerifier.X509_V_ERR_CERT_NOT_YET_VALID;
      case PURPOSE -> CertificateVerifier.X509_V_ERR_INVALID_PURPOSE;
      case NO_CERTIFICATE, UNREADABLE, NAME -> CertificateVerifier.X509_V_ERR_CERT_REJECTED;
    };
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain);
  }

  /** Sent to clients in the certificate request, as Envoy does. */
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    if (peers == null) {
      return new X509Certificate[0];
    }
    return switch (peers.validation().trust()) {
      case TrustBundle.Authorities bundle -> bundle.roots().toArray(X509Certificate[]::new);
      case TrustBundle.SpiffeBundles bundles ->
          bundles.rootsByTrustDomain().values().stream()
              .flatMap(List::stream)
              .distinct()
              .toArray(X509Certificate[]::new);
    };
  }
}
