package io.kumarun.tls;

import java.util.List;

/**
 * Protocol versions and cipher suites (OpenSSL names, as Envoy takes them; empty means Envoy's
 * defaults).
 */
public record TlsParameters(TlsVersion minimum, TlsVersion maximum, List<String> cipherSuites) {

  /** Ordered from old to new. */
  public enum TlsVersion {
    TLS_1_0("TLSv1"),
    TLS_1_1("TLSv1.1"),
    TLS_1_2("TLSv1.2"),
    TLS_1_3("TLSv1.3");

    private final String protocolName;

    TlsVersion(String protocolName) {
      this.protocolName = protocolName;
    }

    /** The name JSSE and Netty use. */
    public String protocolName() {
      return protocolName;
    }
  }

  public TlsParameters {
    cipherSuites = List.copyOf(cipherSuites);
    if (minimum.compareTo(maximum) > 0) {
      throw new IllegalArgumentException(
          "TLS minimum version " + minimum + " is above the maximum " + maximum);
    }
  }

  /** Envoy accepts 1.2 and 1.3 on its server side when nothing is said. */
  public static final TlsParameters DEFAULT =
      new TlsParameters(TlsVersion.TLS_1_2, TlsVersion.TLS_1_3, List.of());
}
