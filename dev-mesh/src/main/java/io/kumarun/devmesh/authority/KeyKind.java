package io.kumarun.devmesh.authority;

/** The kind of key a certificate is made with. */
public enum KeyKind {
  /** RSA with 2048 bits, printed as PKCS#1, as Kuma's own authorities do. */
  RSA_2048("RSA", 2048, "SHA256withRSA"),
  /** ECDSA on P-256: made in a millisecond, for tests that need many authorities. */
  EC_P256("EC", 256, "SHA256withECDSA");

  private final String algorithm;
  private final int bits;
  private final String signature;

  KeyKind(String algorithm, int bits, String signature) {
    this.algorithm = algorithm;
    this.bits = bits;
    this.signature = signature;
  }

  String algorithm() {
    return algorithm;
  }

  int bits() {
    return bits;
  }

  /** Name of the signature algorithm that a key of this kind signs certificates with. */
  String signature() {
    return signature;
  }
}
