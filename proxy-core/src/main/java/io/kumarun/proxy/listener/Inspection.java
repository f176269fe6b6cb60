package io.kumarun.proxy.listener;

import io.kumarun.proxy.config.FilterChainMatch.Transport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the first bytes of a connection say.
 *
 * @param transport null: nobody looked
 * @param serverName the SNI; empty if there is none
 * @param applicationProtocols the ALPN offer, in the client's order
 */
record Inspection(
    @Nullable Transport transport, String serverName, List<String> applicationProtocols) {
  static final Inspection NONE = new Inspection(null, "", List.of());
  static final Inspection CLEARTEXT = new Inspection(Transport.RAW_BUFFER, "", List.of());
}
