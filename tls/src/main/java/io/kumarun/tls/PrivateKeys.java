package io.kumarun.tls;

import io.kumarun.tls.PemBlocks.Block;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * Private keys in the three encodings that exist in PEM. The platform reads PKCS#8 only; the other
 * two are wrapped into it. No exception of a parser is passed on: its text could hold key material.
 */
final class PrivateKeys {
  private PrivateKeys() {}

  /** The first private key of the blocks. */
  static PrivateKey read(String secret, List<Block> blocks) throws InvalidSecretException {
    for (Block block : blocks) {
      if (block.encrypted()) {
        throw new InvalidSecretException(
            secret, "its private key is encrypted; only a plain key can be used");
      }
      switch (block.label()) {
        case "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY" -> {
          return decode(secret, block);
        }
        default -> {
          // EC PARAMETERS and certificates may precede the key.
        }
      }
    }
    throw new InvalidSecretException(
        secret, "no PEM block PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY in it");
  }

  private static PrivateKey decode(String secret, Block block) throws InvalidSecretException {
    try {
      PrivateKeyInfo info = pkcs8(block);
      String algorithm = algorithm(info.getPrivateKeyAlgorithm());
      if (algorithm.isEmpty()) {
        throw new InvalidSecretException(
            secret,
            "its private key has the unknown algorithm "
                + info.getPrivateKeyAlgorithm().getAlgorithm().getId());
      }
      return KeyFactory.getInstance(algorithm)
          .generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      throw new InvalidSecretException(secret, "its " + block.label() + " cannot be read");
    }
  }

  private static PrivateKeyInfo pkcs8(Block block) throws IOException {
    return switch (block.label()) {
      case "RSA PRIVATE KEY" ->
          wrap(
              new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
              RSAPrivateKey.getInstance(block.der()));
      case "EC PRIVATE KEY" -> {
        ECPrivateKey key = ECPrivateKey.getInstance(block.der());
        ASN1Encodable curve = key.getParametersObject();
        if (curve == null) {
          throw new IOException("no curve");
        }
        yield wrap(new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, curve), key);
      }
      default -> PrivateKeyInfo.getInstance(block.der());
    };
  }

  private static PrivateKeyInfo wrap(AlgorithmIdentifier algorithm, ASN1Object key)
      throws IOException {
    return new PrivateKeyInfo(algorithm, key);
  }

  private static String algorithm(AlgorithmIdentifier identifier) {
    var id = identifier.getAlgorithm();
    if (id.equals(PKCSObjectIdentifiers.rsaEncryption)) {
      return "RSA";
    }
    if (id.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
      return "EC";
    }
    return id.equals(EdECObjectIdentifiers.id_Ed25519) ? "Ed25519" : "";
  }

  /** Refuses the key of another certificate, and a key whose parts disagree. */
  static void requireSamePair(String secret, X509Certificate leaf, PrivateKey key)
      throws InvalidSecretException {
    PublicKey publicKey = leaf.getPublicKey();
    if (!KeyMatch.belong(key, publicKey)) {
      throw new InvalidSecretException(
          secret,
          "its private key ("
              + key.getAlgorithm()
              + ") does not belong to its first certificate (serial "
              + leaf.getSerialNumber().toString(16)
              + ", "
              + publicKey.getAlgorithm()
              + ")");
    }
  }
}
