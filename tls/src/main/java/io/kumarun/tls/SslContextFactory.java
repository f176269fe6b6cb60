package io.kumarun.tls;

import io.kumarun.tls.TlsParameters.TlsVersion;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Builds native contexts with Envoy's defaults (envoy.extensions.transport_sockets.tls.v3
 * TlsParameters): cipher suites, curves, ALPN without failure.
 *
 * <p>Sessions: TLS 1.2 session ids, and tickets where TLS 1.3 is allowed, are on, on both sides.
 * Cache and ticket keys are the context's own, so a session never outlives the certificate and the
 * validation under which it began, and never crosses to another.
 */
final class SslContextFactory {
  private static final List<String> DEFAULT_CIPHERS =
      List.of(
          "ECDHE-ECDSA-AES128-GCM-SHA256",
          "ECDHE-ECDSA-CHACHA20-POLY1305",
          "ECDHE-RSA-AES128-GCM-SHA256",
          "ECDHE-RSA-CHACHA20-POLY1305",
          "ECDHE-ECDSA-AES256-GCM-SHA384",
          "ECDHE-RSA-AES256-GCM-SHA384");

  /** Fixed in BoringSSL; named because the Netty binding leaves TLS 1.3 off without them. */
  private static final List<String> TLS_1_3_CIPHERS =
      List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

  private static final String[] CURVES = {"X25519", "P-256"};

  /** A native session with its chain is some KiB. */
  private static final int SERVER_SESSIONS = 1024;

  private static final int CLIENT_SESSIONS = 128;
  private static final int SERVER_SESSION_SECONDS = 7200; // BoringSSL's and so Envoy's default
  private static final int CLIENT_SESSION_SECONDS = 300;

  /** What BoringSSL allows in the extension server_name. */
  private static final int MAX_SNI_BYTES = 255;

  private static final int MIN_RSA_BITS = 1024;

  private SslContextFactory() {}

  static ReferenceCountedOpenSslContext server(
      ServerTls tls, @Nullable VerifiedPeers peers, InstantSource clock) {
    SslContextBuilder builder =
        SslContextBuilder.forServer(keyManagerFactory(tls.certificate()))
            .clientAuth(clientAuth(tls))
            .sessionCacheSize(SERVER_SESSIONS)
            .sessionTimeout(SERVER_SESSION_SECONDS);
    return build(
        builder,
        "certificate " + tls.certificate().name(),
        tls.parameters(),
        tls.alpnProtocols(),
        new PeerTrustManager(peers, clock));
  }

  static ReferenceCountedOpenSslContext client(
      ClientTls tls, @Nullable VerifiedPeers peers, InstantSource clock) {
    if (tls.sni().getBytes(StandardCharsets.UTF_8).length > MAX_SNI_BYTES) {
      throw new TlsContextException(
          "SNI " + tls.sni() + " has more than " + MAX_SNI_BYTES + " bytes");
    }
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            // A SPIFFE leaf has no host name; the names are checked by PeerVerifier.
            .endpointIdentificationAlgorithm(null)
            .sessionCacheSize(CLIENT_SESSIONS)
            .sessionTimeout(CLIENT_SESSION_SECONDS);
    TlsCertificate certificate = tls.certificate();
    if (certificate != null) {
      builder.keyManager(keyManagerFactory(certificate));
    }
    return build(
        builder,
        certificate == null ? "no certificate" : "certificate " + certificate.name(),
        tls.parameters(),
        tls.alpnProtocols(),
        new PeerTrustManager(peers, clock));
  }

  private static ReferenceCountedOpenSslContext build(
      SslContextBuilder builder,
      String what,
      TlsParameters parameters,
      List<String> alpnProtocols,
      PeerTrustManager trustManager) {
    try {
      builder
          .sslProvider(SslProvider.OPENSSL_REFCNT)
          .trustManager(trustManager)
          .protocols(protocols(parameters))
          .ciphers(ciphers(parameters), IdentityCipherSuiteFilter.INSTANCE)
          .option(OpenSslContextOption.GROUPS, CURVES);
      if (!alpnProtocols.isEmpty()) {
        builder.applicationProtocolConfig(
            new ApplicationProtocolConfig(
                Protocol.ALPN,
                SelectorFailureBehavior.NO_ADVERTISE,
                SelectedListenerFailureBehavior.ACCEPT,
                alpnProtocols));
      }
      return (ReferenceCountedOpenSslContext) builder.build();
    } catch (UnsatisfiedLinkError e) {
      throw new TlsContextException(
          "the native TLS library (netty-tcnative, BoringSSL) cannot be loaded on this platform: "
              + e.getMessage(),
          e);
    } catch (SSLException | IllegalArgumentException e) {
      throw new TlsContextException(
          "TLS with "
              + what
              + ", versions "
              + parameters.minimum().protocolName()
              + " to "
              + parameters.maximum().protocolName()
              + ", cipher suites "
              + (parameters.cipherSuites().isEmpty() ? "default" : parameters.cipherSuites())
              + " cannot be set up: "
              + e.getMessage(),
          e);
    }
  }

  /** The caching form converts the key to its native form once instead of at each handshake. */
  private static OpenSslCachingX509KeyManagerFactory keyManagerFactory(TlsCertificate certificate) {
    String algorithm = certificate.privateKey().getAlgorithm();
    int bits = keyBits(certificate);
    boolean supported =
        switch (algorithm) {
          case "RSA" -> bits >= MIN_RSA_BITS;
          case "EC" -> bits == 256 || bits == 384 || bits == 521;
          default -> false;
        };
    if (!supported) {
      throw new TlsContextException(
          "certificate "
              + certificate.name()
              + " has a key of type "
              + algorithm
              + (bits > 0 ? " with " + bits + " bits" : "")
              + "; TLS needs RSA with at least "
              + MIN_RSA_BITS
              + " bits, or EC on P-256, P-384 or P-521");
    }
    return new OpenSslCachingX509KeyManagerFactory(
        new CertificateKeyManager(certificate).factory());
  }

  private static int keyBits(TlsCertificate certificate) {
    return switch (certificate.leaf().getPublicKey()) {
      case RSAKey rsa -> rsa.getModulus().bitLength();
      case ECKey ec -> ec.getParams().getCurve().getField().getFieldSize();
      default -> 0;
    };
  }

  private static ClientAuth clientAuth(ServerTls tls) {
    if (tls.requireClientCertificate()) {
      return ClientAuth.REQUIRE;
    }
    return tls.peerValidation() == null ? ClientAuth.NONE : ClientAuth.OPTIONAL;
  }

  private static List<String> protocols(TlsParameters parameters) {
    List<String> protocols = new ArrayList<>();
    for (TlsVersion version : TlsVersion.values()) {
      if (version.compareTo(parameters.minimum()) >= 0
          && version.compareTo(parameters.maximum()) <= 0) {
        protocols.add(version.protocolName());
      }
    }
    return protocols;
  }

  private static List<String> ciphers(TlsParameters parameters) {
    List<String> ciphers =
        new ArrayList<>(
            parameters.cipherSuites().isEmpty() ? DEFAULT_CIPHERS : parameters.cipherSuites());
    if (parameters.maximum() == TlsVersion.TLS_1_3) {
      ciphers.addAll(TLS_1_3_CIPHERS);
    }
    return ciphers;
  }
}
