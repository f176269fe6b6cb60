package io.kumarun.proxy;

import io.kumarun.proxy.config.ClusterConfig;
import io.kumarun.proxy.config.FilterChainConfig;
import io.kumarun.proxy.config.ListenerConfig;
import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.tls.ClientTls;
import io.kumarun.tls.ServerTls;
import java.util.HashSet;
import java.util.Set;

/** Every TLS side that a configuration uses. */
record TlsSettings(Set<ServerTls> servers, Set<ClientTls> clients) {

  static TlsSettings of(MeshConfig config) {
    Set<ServerTls> servers = new HashSet<>();
    for (ListenerConfig listener : config.listeners().values()) {
      for (FilterChainConfig chain : listener.filterChains()) {
        if (chain.tls() != null) {
          servers.add(chain.tls());
        }
      }
    }
    Set<ClientTls> clients = new HashSet<>();
    for (ClusterConfig cluster : config.clusters().values()) {
      if (cluster.tls() != null) {
        clients.add(cluster.tls());
      }
    }
    return new TlsSettings(servers, clients);
  }
}
