package io.kumarun.tls;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;

/**
 * Whether a private key is that of a public key, and whole: its parts must agree with each other
 * too. For RSA their numbers are compared, a hundred times faster than a signature; for other
 * algorithms, where a signature is cheap, one is made and verified.
 */
final class KeyMatch {
  private static final byte[] CHALLENGE = {'k', 'u', 'm', 'a', 'r', 'u', 'n'};

  private KeyMatch() {}

  static boolean belong(PrivateKey key, PublicKey publicKey) {
    return switch (key) {
      case RSAPrivateCrtKey rsa
          when publicKey instanceof RSAPublicKey other && other.getAlgorithm().equals("RSA") ->
          rsa.getModulus().equals(other.getModulus())
              && rsa.getPublicExponent().equals(other.getPublicExponent())
              && whole(rsa);
      case RSAPrivateKey rsa -> signs(rsa, publicKey, "SHA256withRSA"); // its factors are not known
      default ->
          signs(key, publicKey, key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "Ed25519");
    };
  }

  /** RFC 8017 §3.2; a key with a wrong part signs wrongly, and gives its factors away with it. */
  private static boolean whole(RSAPrivateCrtKey key) {
    BigInteger p = key.getPrimeP();
    BigInteger q = key.getPrimeQ();
    if (p.signum() <= 0 || q.signum() <= 0 || !p.multiply(q).equals(key.getModulus())) {
      return false;
    }
    BigInteger e = key.getPublicExponent();
    BigInteger pLess = p.subtract(BigInteger.ONE);
    BigInteger qLess = q.subtract(BigInteger.ONE);
    BigInteger d = key.getPrivateExponent();
    return inverse(e, key.getPrimeExponentP(), pLess)
        && inverse(e, key.getPrimeExponentQ(), qLess)
        && inverse(e, d, pLess)
        && inverse(e, d, qLess)
        && inverse(q, key.getCrtCoefficient(), p);
  }

  private static boolean inverse(BigInteger one, BigInteger other, BigInteger modulus) {
    return modulus.compareTo(BigInteger.ONE) > 0
        && one.multiply(other).mod(modulus).equals(BigInteger.ONE);
  }

  private static boolean signs(PrivateKey key, PublicKey publicKey, String algorithm) {
    try {
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(CHALLENGE);
      byte[] signed = signer.sign();
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(publicKey);
      verifier.update(CHALLENGE);
      return verifier.verify(signed);
    } catch (GeneralSecurityException | RuntimeException e) {
      return false;
    }
  }
}
