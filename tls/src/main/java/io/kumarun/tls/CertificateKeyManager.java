package io.kumarun.tls;

import io.netty.handler.ssl.util.SimpleKeyManagerFactory;
import java.net.Socket;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Offers one certificate, always: as Envoy, and unlike the platform's key manager, it sends the
 * certificate also to a server that does not name its issuer in the certificate request.
 */
final class CertificateKeyManager extends X509ExtendedKeyManager {
  private static final String ALIAS = "certificate";

  private final TlsCertificate certificate;
  private final String keyType;

  CertificateKeyManager(TlsCertificate certificate) {
    this.certificate = certificate;
    this.keyType = certificate.privateKey().getAlgorithm();
  }

  /** In the form in which the TLS library takes it. */
  SimpleKeyManagerFactory factory() {
    return new SimpleKeyManagerFactory() {
      @Override
      protected void engineInit(@Nullable KeyStore keyStore, char @Nullable [] password) {}

      @Override
      protected void engineInit(ManagerFactoryParameters parameters) {}

      @Override
      protected KeyManager[] engineGetKeyManagers() {
        return new KeyManager[] {CertificateKeyManager.this};
      }
    };
  }

  /** Key types are {@code RSA}, {@code EC}, and combinations such as {@code EC_RSA}. */
  private @Nullable String alias(String... wanted) {
    for (String type : wanted) {
      if (type.equals(keyType)) {
        return ALIAS;
      }
    }
    return null;
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
    return alias(keyTypes);
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String type, Principal @Nullable [] issuers, SSLEngine engine) {
    return alias(type);
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return alias(keyTypes);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return alias(type);
  }

  @Override
  public String[] getClientAliases(String type, Principal @Nullable [] issuers) {
    return new String[] {ALIAS};
  }

  @Override
  public String[] getServerAliases(String type, Principal @Nullable [] issuers) {
    return new String[] {ALIAS};
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return certificate.chain().toArray(X509Certificate[]::new);
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return certificate.privateKey();
  }
}
