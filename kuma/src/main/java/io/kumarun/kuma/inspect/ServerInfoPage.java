package io.kumarun.kuma.inspect;

import com.google.protobuf.Duration;
import io.envoyproxy.envoy.admin.v3.CommandLineOptions;
import io.envoyproxy.envoy.admin.v3.ServerInfo;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.io.IOException;

/** Envoy's {@code /server_info}: JSON of an {@code envoy.admin.v3.ServerInfo}. Any thread. */
public final class ServerInfoPage {
  private ServerInfoPage() {}

  /**
   * Writes the page.
   *
   * @param state {@code LIVE}, {@code INITIALIZING} or {@code DRAINING}
   */
  public static void json(
      Inventory inventory,
      String version,
      String state,
      long uptimeSeconds,
      int concurrency,
      Appendable out)
      throws IOException {
    Duration uptime = Duration.newBuilder().setSeconds(uptimeSeconds).build();
    Node node = (Node) Redaction.shown(inventory.node());
    ServerInfo info =
        ServerInfo.newBuilder()
            .setVersion(version)
            .setState(ServerInfo.State.valueOf(state))
            .setUptimeCurrentEpoch(uptime)
            .setUptimeAllEpochs(uptime)
            .setHotRestartVersion("disabled")
            .setCommandLineOptions(CommandLineOptions.newBuilder().setConcurrency(concurrency))
            .setNode(node)
            .build();
    KnownTypes.printer()
        .includingDefaultValueFields(
            java.util.Set.of(
                ServerInfo.getDescriptor().findFieldByNumber(ServerInfo.STATE_FIELD_NUMBER)))
        .appendTo(info, out);
    out.append('\n');
  }
}
