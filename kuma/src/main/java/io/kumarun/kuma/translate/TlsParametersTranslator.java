package io.kumarun.kuma.translate;

import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters.TlsProtocol;
import io.kumarun.tls.TlsParameters;
import io.kumarun.tls.TlsParameters.TlsVersion;

/** {@code tls_params} (contract §3.3). */
final class TlsParametersTranslator {
  private TlsParametersTranslator() {}

  /** Of a listener: Envoy takes TLS 1.2 and 1.3 unless told otherwise. */
  static TlsParameters downstream(CommonTlsContext common, FieldPath path) {
    return translate(common, TlsVersion.TLS_1_3, path);
  }

  /** Of a cluster: Envoy offers TLS 1.2 unless told otherwise, so the mesh speaks that. */
  static TlsParameters upstream(CommonTlsContext common, FieldPath path) {
    return translate(common, TlsVersion.TLS_1_2, path);
  }

  private static TlsParameters translate(
      CommonTlsContext common, TlsVersion automaticMaximum, FieldPath path) {
    var source = common.getTlsParams();
    FieldPath at = path.at("tls_params");
    at.refuse(source.getCompliancePoliciesCount() > 0, "compliance_policies");
    TlsProtocol low = source.getTlsMinimumProtocolVersion();
    TlsProtocol high = source.getTlsMaximumProtocolVersion();
    TlsVersion maximum = version(high, automaticMaximum, at);
    TlsVersion minimum = version(low, TlsVersion.TLS_1_2, at);
    if (minimum.compareTo(maximum) > 0) {
      if (low != TlsProtocol.TLS_AUTO) {
        throw at.rejected(low + " to " + high, "a minimum that is not above the maximum");
      }
      minimum = maximum;
    }
    return new TlsParameters(minimum, maximum, source.getCipherSuitesList());
  }

  private static TlsVersion version(TlsProtocol protocol, TlsVersion automatic, FieldPath path) {
    return switch (protocol) {
      case TLS_AUTO -> automatic;
      case TLSv1_0 -> TlsVersion.TLS_1_0;
      case TLSv1_1 -> TlsVersion.TLS_1_1;
      case TLSv1_2 -> TlsVersion.TLS_1_2;
      case TLSv1_3 -> TlsVersion.TLS_1_3;
      case UNRECOGNIZED -> throw path.rejected(protocol, "TLS 1.0 to 1.3");
    };
  }
}
