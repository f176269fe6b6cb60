package io.kumarun.kuma;

import java.math.BigInteger;
import java.security.Principal;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A certificate whose bytes Java would not read, for a server: all but them is a twin's. */
final class EncodedCertificate extends X509Certificate {
  private static final long serialVersionUID = 1;

  private final X509Certificate twin;
  private final byte[] der;

  EncodedCertificate(X509Certificate twin, byte[] der) {
    this.twin = twin;
    this.der = der.clone();
  }

  @Override
  public void checkValidity() throws CertificateExpiredException, CertificateNotYetValidException {
    twin.checkValidity();
  }

  @Override
  public void checkValidity(Date date)
      throws CertificateExpiredException, CertificateNotYetValidException {
    twin.checkValidity(date);
  }

  @Override
  public int getVersion() {
    return twin.getVersion();
  }

  @Override
  public BigInteger getSerialNumber() {
    return twin.getSerialNumber();
  }

  @Override
  @SuppressWarnings("deprecation")
  public Principal getIssuerDN() {
    return twin.getIssuerX500Principal();
  }

  @Override
  @SuppressWarnings("deprecation")
  public Principal getSubjectDN() {
    return twin.getSubjectX500Principal();
  }

  @Override
  public Date getNotBefore() {
    return twin.getNotBefore();
  }

  @Override
  public Date getNotAfter() {
    return twin.getNotAfter();
  }

  @Override
  public byte[] getTBSCertificate() throws CertificateEncodingException {
    return twin.getTBSCertificate();
  }

  @Override
  public byte[] getSignature() {
    return twin.getSignature();
  }

  @Override
  public String getSigAlgName() {
    return twin.getSigAlgName();
  }

  @Override
  public String getSigAlgOID() {
    return twin.getSigAlgOID();
  }

  @Override
  public byte @Nullable [] getSigAlgParams() {
    return twin.getSigAlgParams();
  }

  @Override
  public boolean @Nullable [] getIssuerUniqueID() {
    return twin.getIssuerUniqueID();
  }

  @Override
  public boolean @Nullable [] getSubjectUniqueID() {
    return twin.getSubjectUniqueID();
  }

  @Override
  public boolean @Nullable [] getKeyUsage() {
    return twin.getKeyUsage();
  }

  @Override
  public int getBasicConstraints() {
    return twin.getBasicConstraints();
  }

  @Override
  public byte[] getEncoded() {
    return der.clone();
  }

  @Override
  public PublicKey getPublicKey() {
    return twin.getPublicKey();
  }

  @Override
  public String toString() {
    return twin.toString();
  }

  @Override
  public boolean hasUnsupportedCriticalExtension() {
    return twin.hasUnsupportedCriticalExtension();
  }

  @Override
  public @Nullable Set<String> getCriticalExtensionOIDs() {
    return twin.getCriticalExtensionOIDs();
  }

  @Override
  public @Nullable Set<String> getNonCriticalExtensionOIDs() {
    return twin.getNonCriticalExtensionOIDs();
  }

  @Override
  public byte @Nullable [] getExtensionValue(String oid) {
    return twin.getExtensionValue(oid);
  }

  @Override
  public void verify(PublicKey key) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void verify(PublicKey key, String provider) {
    throw new UnsupportedOperationException();
  }
}
