package io.kumarun.proxy.config;

import io.kumarun.tls.ServerTls;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a connection: TLS or not, checks on the connection, then HTTP or bytes.
 *
 * @param tls null: cleartext, or TLS passed through unopened
 * @param networkFilters in order, before {@code terminal}
 */
public record FilterChainConfig(
    String name,
    FilterChainMatch match,
    @Nullable ServerTls tls,
    List<NetworkFilterConfig> networkFilters,
    TerminalConfig terminal) {
  public FilterChainConfig {
    networkFilters = List.copyOf(networkFilters);
  }

  /** The last filter of a chain. */
  public sealed interface TerminalConfig permits HttpConnectionConfig, TcpProxyConfig {}

  /** A check made once per connection, before its bytes are looked at. */
  public sealed interface NetworkFilterConfig {

    /** MeshTrafficPermission on TCP: closes the connection of a peer that is not allowed. */
    record Rbac(PermissionConfig permission) implements NetworkFilterConfig {}
  }
}
