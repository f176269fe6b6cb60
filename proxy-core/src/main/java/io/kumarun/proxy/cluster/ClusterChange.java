package io.kumarun.proxy.cluster;

import io.kumarun.proxy.config.ClusterConfig;
import java.util.ArrayList;
import java.util.List;

/** What in a cluster's configuration may change without new connections. */
final class ClusterChange {
  private ClusterChange() {}

  /**
   * Everything else as one comparable value. Names of secrets and accepted identities count as
   * configuration (a peer that is no longer accepted must not keep its connection), the bytes of
   * certificates and bundles do not.
   */
  static List<Object> withoutEndpointsAndSecrets(ClusterConfig config) {
    List<Object> rest = new ArrayList<>();
    rest.add(config.name());
    rest.add(config.statName());
    rest.add(config.protocol());
    rest.add(config.discovery());
    rest.add(config.connectTimeout());
    rest.add(config.idleTimeout());
    rest.add(config.maxConnectionDuration());
    rest.add(config.maxStreamDuration());
    rest.add(config.limits());
    var tls = config.tls();
    if (tls != null) {
      rest.add(tls.sni());
      rest.add(tls.alpnProtocols());
      rest.add(tls.parameters());
      rest.add(tls.certificate() == null ? "" : tls.certificate().name());
      rest.add(tls.peerValidation() != null);
      rest.add(tls.peerValidation() == null ? List.of() : tls.peerValidation().accepted());
    }
    return rest;
  }
}
