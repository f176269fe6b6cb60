package io.kumarun.tls;

/** What the peer is in the handshake; it decides which extended key usage its chain must allow. */
public enum PeerRole {
  CLIENT("1.3.6.1.5.5.7.3.2", "TLS client authentication"),
  SERVER("1.3.6.1.5.5.7.3.1", "TLS server authentication");

  private final String keyPurposeId;
  private final String purpose;

  PeerRole(String keyPurposeId, String purpose) {
    this.keyPurposeId = keyPurposeId;
    this.purpose = purpose;
  }

  /** The object identifier in the extended key usage (RFC 5280 section 4.2.1.12). */
  String keyPurposeId() {
    return keyPurposeId;
  }

  String purpose() {
    return purpose;
  }
}
