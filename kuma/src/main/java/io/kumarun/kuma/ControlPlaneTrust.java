package io.kumarun.kuma;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.jspecify.annotations.Nullable;

/**
 * Whether a server is the control plane: its chain ends in the given authorities, and one of its
 * names (DNS, or an IP address) is the host that was asked for.
 *
 * <p>The certificate that kuma-cp makes for itself is its own authority and has an empty issuer,
 * which Java refuses (RFC 5280 section 4.1.2.4) and Envoy does not. So a server that presents one
 * of the authorities themselves is recognised by its bytes. Works with Netty's native TLS, which
 * hands over certificates unparsed. Any thread.
 */
final class ControlPlaneTrust extends X509ExtendedTrustManager {
  private final List<byte[]> authorities;
  private final List<String> acceptedNames;
  private final X509TrustManager platform;
  private final InstantSource clock;

  /**
   * @param pem empty: those of the operating system, or of Java where it has none
   * @param acceptedNames one of them must be in the certificate
   * @throws IllegalArgumentException the PEM holds no certificate
   */
  ControlPlaneTrust(String pem, List<String> acceptedNames, InstantSource clock) {
    this.authorities = pem.isBlank() ? List.of() : decode(pem);
    this.acceptedNames = List.copyOf(acceptedNames);
    this.platform = platform(pem.isBlank() ? systemAuthorities() : authorities);
    this.clock = clock;
  }

  private static List<byte[]> decode(String pem) {
    List<byte[]> found = new ArrayList<>();
    try (PemReader reader = new PemReader(new StringReader(pem))) {
      for (PemObject block = reader.readPemObject();
          block != null;
          block = reader.readPemObject()) {
        if (block.getType().equals("CERTIFICATE")) {
          found.add(block.getContent());
        }
      }
    } catch (IOException | RuntimeException e) {
      throw new IllegalArgumentException("the control plane's authorities are not PEM");
    }
    if (found.isEmpty()) {
      throw new IllegalArgumentException("the control plane's authorities hold no certificate");
    }
    return found;
  }

  private static @Nullable List<byte[]> systemAuthorities() {
    String bundle = SystemAuthorities.pem();
    return bundle.isEmpty() ? null : decode(bundle);
  }

  private static X509TrustManager platform(@Nullable List<byte[]> authorities) {
    try {
      KeyStore store = authorities == null ? null : store(authorities);
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509TrustManager x509) {
          return x509;
        }
      }
      throw new IllegalStateException("the platform has no X.509 trust manager");
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyStore store(List<byte[]> authorities)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (byte[] der : authorities) {
      X509Certificate certificate = parse(der);
      if (certificate != null) {
        store.setCertificateEntry(String.valueOf(store.size()), certificate);
      }
    }
    return store;
  }

  private static @Nullable X509Certificate parse(byte[] der) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der));
    } catch (CertificateException e) {
      return null;
    }
  }

  private void check(X509Certificate[] chain, String authType) throws CertificateException {
    byte[] leaf = chain[0].getEncoded();
    boolean pinned = false;
    for (byte[] authority : authorities) {
      pinned |= Arrays.equals(authority, leaf);
    }
    RawCertificate raw = RawCertificate.parse(leaf);
    if (pinned) {
      Instant now = clock.instant();
      if (now.isBefore(raw.notBefore()) || now.isAfter(raw.notAfter())) {
        throw new CertificateException(
            "the server's certificate is valid from "
                + raw.notBefore()
                + " to "
                + raw.notAfter()
                + " only, it is "
                + now);
      }
    } else {
      checkChain(chain, authType);
    }
    checkNames(raw);
  }

  private void checkChain(X509Certificate[] chain, String authType) throws CertificateException {
    X509Certificate[] parsed = new X509Certificate[chain.length];
    for (int i = 0; i < chain.length; i++) {
      X509Certificate certificate = parse(chain[i].getEncoded());
      if (certificate == null) {
        throw unknownAuthority();
      }
      parsed[i] = certificate;
    }
    if (platform.getAcceptedIssuers().length == 0) {
      throw unknownAuthority();
    }
    try {
      platform.checkServerTrusted(parsed, authType);
    } catch (CertificateException e) {
      CertificateException sentence = unknownAuthority();
      sentence.initCause(e);
      throw sentence;
    }
  }

  private CertificateException unknownAuthority() {
    return new CertificateException(
        "the server's certificate was not issued by "
            + (authorities.isEmpty()
                ? "an authority that this machine trusts; give the control plane's CA certificate"
                : "the given CA certificate of the control plane"));
  }

  private void checkNames(RawCertificate leaf) throws CertificateException {
    List<String> present = new ArrayList<>();
    for (GeneralName name : leaf.names()) {
      for (String accepted : acceptedNames) {
        if (matches(name, accepted, present)) {
          return;
        }
      }
    }
    throw new CertificateException(
        "the server's certificate is for "
            + present
            + ", not for "
            + String.join(" or ", acceptedNames));
  }

  private static boolean matches(GeneralName name, String accepted, List<String> present) {
    switch (name.getTagNo()) {
      case GeneralName.dNSName -> {
        String dns = name.getName().toString();
        remember(present, dns);
        if (dns.startsWith("*.")) {
          int dot = accepted.indexOf('.');
          return dot > 0 && accepted.substring(dot).equalsIgnoreCase(dns.substring(1));
        }
        return dns.equalsIgnoreCase(accepted);
      }
      case GeneralName.iPAddress -> {
        try {
          InetAddress address =
              InetAddress.getByAddress(ASN1OctetString.getInstance(name.getName()).getOctets());
          remember(present, address.getHostAddress());
          return isLiteral(accepted) && InetAddress.ofLiteral(accepted).equals(address);
        } catch (IOException | IllegalArgumentException e) {
          return false;
        }
      }
      default -> {
        return false;
      }
    }
  }

  private static void remember(List<String> present, String name) {
    if (!present.contains(name) && present.size() < 20) {
      present.add(name);
    }
  }

  private static boolean isLiteral(String host) {
    return host.indexOf(':') >= 0 || Character.isDigit(host.charAt(host.length() - 1));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain, authType);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain, authType);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("this is a client");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw new CertificateException("this is a client");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("this is a client");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
