package io.kumarun.kuma.translate;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/**
 * Certificates and keys as Kuma sends them: PEM, keys as PKCS#1, SEC1 or PKCS#8. Messages never
 * show what was read.
 */
final class PemReader {
  private PemReader() {}

  /** All certificates, in order; other blocks are passed over. */
  static List<X509Certificate> certificates(DataSource source, FieldPath path) {
    List<X509Certificate> found = new ArrayList<>();
    JcaX509CertificateConverter converter = new JcaX509CertificateConverter();
    try (PEMParser parser = new PEMParser(new StringReader(text(source, path)))) {
      for (Object block = parser.readObject(); block != null; block = parser.readObject()) {
        if (block instanceof X509CertificateHolder holder) {
          found.add(converter.getCertificate(holder));
        }
      }
    } catch (IOException | CertificateException | RuntimeException e) {
      throw path.rejected("is not a PEM certificate that can be read");
    }
    return found;
  }

  /** The first private key. */
  static PrivateKey privateKey(DataSource source, FieldPath path) {
    JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
    try (PEMParser parser = new PEMParser(new StringReader(text(source, path)))) {
      for (Object block = parser.readObject(); block != null; block = parser.readObject()) {
        if (block instanceof PEMKeyPair pair) {
          return converter.getPrivateKey(pair.getPrivateKeyInfo());
        }
        if (block instanceof PrivateKeyInfo key) {
          return converter.getPrivateKey(key);
        }
      }
    } catch (PEMException e) {
      throw path.rejected("holds a private key of a kind that is not known");
    } catch (IOException | RuntimeException e) {
      throw path.rejected("is not a PEM private key that can be read");
    }
    throw path.rejected("holds no unencrypted private key");
  }

  private static String text(DataSource source, FieldPath path) {
    return switch (source.getSpecifierCase()) {
      case INLINE_BYTES -> string(source.getInlineBytes());
      case INLINE_STRING -> source.getInlineString();
      case FILENAME, ENVIRONMENT_VARIABLE, SPECIFIER_NOT_SET ->
          throw path.rejected(source.getSpecifierCase(), "inline bytes or an inline string");
    };
  }

  private static String string(ByteString bytes) {
    return bytes.toString(StandardCharsets.ISO_8859_1);
  }
}
