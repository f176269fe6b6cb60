package io.kumarun.kuma.translate;

import io.kumarun.kuma.dynconf.DynamicConfig;
import io.kumarun.kuma.dynconf.MeshMetricConfig;
import io.kumarun.kuma.dynconf.OtelConfig;
import io.kumarun.proxy.config.Address;
import io.kumarun.proxy.config.HttpConnectionConfig;
import io.kumarun.proxy.config.RouteTableConfig.PathMatch;
import io.kumarun.proxy.config.RouteTableConfig.Route;
import io.kumarun.proxy.config.RouteTableConfig.RouteAction;
import io.kumarun.proxy.config.RouteTableConfig.VirtualHost;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The listener whose fixed answers are documents for the data plane itself (contract §5.1). It is
 * known by its address, a pipe that only kuma-dp would open.
 */
final class DynamicConfigTranslator {
  private static final String SOCKET = "kuma-mesh-metric-config.sock";

  private DynamicConfigTranslator() {}

  /** Null: it is another listener. */
  static @Nullable DynamicConfig translate(
      Address address, List<TranslatedListener.Chain> chains, FieldPath path) {
    if (!(address instanceof Address.Pipe pipe) || !pipe.path().endsWith(SOCKET)) {
      return null;
    }
    DynamicConfig config;
    try {
      config = DynamicConfig.parse(documents(chains));
    } catch (IllegalArgumentException e) {
      throw path.rejected(String.valueOf(e.getMessage()));
    }
    notes(config, path);
    return config;
  }

  private static Map<String, String> documents(List<TranslatedListener.Chain> chains) {
    Map<String, String> documents = new HashMap<>();
    for (TranslatedListener.Chain chain : chains) {
      if (chain.chain().terminal() instanceof HttpConnectionConfig http) {
        for (VirtualHost host : http.routes().virtualHosts()) {
          for (Route route : host.routes()) {
            // Each has a twin before it, for those who know the document already.
            if (route.match().path() instanceof PathMatch.Exact exact
                && route.action() instanceof RouteAction.DirectResponse response
                && response.status() == 200) {
              documents.putIfAbsent(exact.path(), response.body());
            }
          }
        }
      }
    }
    return documents;
  }

  private static void notes(DynamicConfig config, FieldPath path) {
    MeshMetricConfig metrics = config.meshMetric();
    if (metrics != null) {
      FieldPath at = path.at(DynamicConfig.MESH_METRIC).at("observability.metrics");
      for (int i = 0; i < metrics.backends().size(); i++) {
        at.at("backends", i)
            .note("metrics for " + FieldPath.shortened(metrics.backends().get(i).type()));
      }
      if (!metrics.applications().isEmpty()) {
        at.at("applications").note("metrics of applications");
      }
    }
    if (config.dns() != null && !config.dns().records().isEmpty()) {
      path.at(DynamicConfig.DNS).at("records").note("names of the mesh");
    }
    OtelConfig otel = config.otel();
    if (otel != null) {
      for (int i = 0; i < otel.backends().size(); i++) {
        path.at(DynamicConfig.OTEL).at("backends", i).note("an OpenTelemetry collector");
      }
    }
  }
}
